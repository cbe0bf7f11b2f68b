// Offers a service until the standard input ends, or lists who offers it: service SERVERS NAME PORT, service SERVERS
// NAME.
#include <cstdlib>
#include <iostream>
#include <quoll/discovery.h>

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "service SERVERS NAME [PORT]\n", 2;
  auto client = quoll::zk::Client::open({.servers = argv[1], .session_timeout = std::chrono::seconds(6)});
  if (!client) return fail(client.error());
  quoll::zk::Service service(*client, "/services", argv[2], quoll::zk::Choice::round_robin);
  if (const auto started = service.start(); !started) return fail(started.error());
  if (argc > 3) {
    if (const auto offered = service.offer({.address = "127.0.0.1", .port = std::atoi(argv[3])}); !offered)
      return fail(offered.error());
    std::cout << "offered" << std::endl;
    while (std::cin.get() != EOF) continue;
    return 0;
  }
  for (std::size_t left = service.instances().size(); left > 0; --left) {
    const auto chosen = service.choose();
    if (chosen) std::cout << chosen->address << ':' << chosen->port.value_or(0) << ' ' << chosen->id << '\n';
  }
}
