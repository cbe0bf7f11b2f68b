// Prints numbers that nobody else gets, and counts them: ids SERVERS COUNT.
#include <cstdlib>
#include <iostream>
#include <quoll/counter.h>

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "ids SERVERS COUNT\n", 2;
  auto client = quoll::zk::Client::open({.servers = argv[1]});
  if (!client) return fail(client.error());
  quoll::zk::BlockIds numbers(*client, "/example/numbers", 10);
  quoll::zk::SnowflakeIds flakes(*client, "/example/flakes");
  quoll::zk::Counter counter(*client, "/example/count");
  for (int left = std::atoi(argv[2]); left > 0; --left) {
    const auto number = numbers.next();
    if (!number) return fail(number.error());
    const auto flake = flakes.next();
    if (!flake) return fail(flake.error());
    const auto count = counter.add(1);
    if (!count) return fail(count.error());
    std::cout << *number << ' ' << *flake << ' ' << *count << '\n';
  }
}
