// Follows a configuration, or changes it: settings SERVERS follow ID, settings SERVERS publish TEXT [SHARE], settings
// SERVERS back.
#include <cstdlib>
#include <iostream>
#include <quoll/configuration.h>
#include <string_view>

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

int say(const quoll::zk::Result<quoll::zk::Rollout>& rollout) {
  if (!rollout) return fail(rollout.error());
  std::cout << "current " << rollout->current << ", trial " << rollout->trial << " for " << rollout->share << " %\n";
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "settings SERVERS follow ID | publish TEXT [SHARE] | back\n", 2;
  const std::string_view word = argv[2];
  auto client = quoll::zk::Client::open({.servers = argv[1]});
  if (!client) return fail(client.error());
  if (word == "follow" && argc == 4) {
    quoll::zk::Configuration configuration(*client, "/example/settings", argv[3]);
    while (true) {
      const auto version = configuration.next(std::chrono::hours(1));
      if (!version) continue;
      const auto limit = version->integer("limit");
      std::cout << "limit " << (limit ? std::to_string(*limit) : limit.error()) << std::endl;
    }
  }
  quoll::zk::ConfigurationWriter writer(*client, "/example/settings");
  if (word == "back") return say(writer.roll_back());
  if (word != "publish" || argc < 4) return std::cerr << "There is no such command\n", 2;
  const auto version = writer.publish(argv[3]);
  if (!version) return fail(version.error());
  return say(writer.roll_out(*version, argc > 4 ? std::atoi(argv[4]) : 100));
}
