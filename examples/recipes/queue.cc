// Puts work into a queue, or does it: queue SERVERS put TEXT..., queue SERVERS work SECONDS.
#include <cstdlib>
#include <iostream>
#include <quoll/queue.h>
#include <string_view>

using quoll::zk::Code;

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

int main(int argc, char** argv) {
  if (argc < 4) return std::cerr << "queue SERVERS put TEXT... | queue SERVERS work SECONDS\n", 2;
  auto client = quoll::zk::Client::open({.servers = argv[1], .session_timeout = std::chrono::seconds(6)});
  if (!client) return fail(client.error());
  quoll::zk::Queue queue(*client, {.path = "/example/queue"});
  if (std::string_view(argv[2]) == "put") {
    for (int i = 3; i < argc; ++i) {
      // What begins with "!" is more urgent.
      if (const auto put = queue.put(argv[i], {.priority = argv[i][0] == '!' ? 1 : 500}); !put)
        return fail(put.error());
    }
    return 0;
  }
  while (true) {
    // Until nothing has come for a while.
    const auto item = queue.take(std::chrono::seconds(std::atoi(argv[3])));
    if (!item && item.error().code == Code::request_timeout) return 0;
    if (!item) return fail(item.error());
    // If this program dies here, another one gets the item.
    std::cout << item->data << std::endl;
    if (const auto done = queue.acknowledge(*item); !done) return fail(done.error());
  }
}
