// Writes a znode, reads it, and hears of its change: hello [servers].
#include <iostream>
#include <quoll/client.h>

using namespace std::chrono_literals;

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

int main(int argc, char** argv) {
  auto client = quoll::zk::Client::open({.servers = argc > 1 ? argv[1] : "localhost:2181"});
  if (!client) return fail(client.error());
  const auto created = client->create("/hello", "world");
  if (!created && created.error().code != quoll::zk::Code::node_exists) return fail(created.error());

  quoll::zk::Watcher watcher;
  const auto got = client->get("/hello", &watcher);
  if (!got) return fail(got.error());
  std::cout << "It says: " << got->data.value_or("nothing") << '\n';

  // Only if nobody has changed it meanwhile.
  const auto set = client->set("/hello", "dear world", got->stat.version);
  if (!set) return fail(set.error());
  const auto event = watcher.next(10s);
  if (!event) return std::cerr << "No event came\n", 1;
  std::cout << "Changed: " << event->path << '\n';

  // Both or neither.
  const auto removed =
      client->multi({quoll::zk::Operation::check("/hello", set->version), quoll::zk::Operation::remove("/hello")});
  if (!removed) return fail(removed.error());
  const auto gone = client->get("/hello");
  std::cout << "And now: " << quoll::zk::name(gone.error().code) << '\n';
}
