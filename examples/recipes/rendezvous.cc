// Begins when COUNT programs are there, and ends when all of them have ended: rendezvous SERVERS PATH COUNT.
#include <cstdlib>
#include <iostream>
#include <quoll/barrier.h>

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 4) return std::cerr << "rendezvous SERVERS PATH COUNT\n", 2;
  auto client = quoll::zk::Client::open({.servers = argv[1]});
  if (!client) return fail(client.error());
  quoll::zk::DoubleBarrier barrier(*client, argv[2], std::atoi(argv[3]));
  std::cout << "waiting" << std::endl;
  if (const auto in = barrier.enter(std::chrono::seconds(60)); !in) return fail(in.error());
  std::cout << "begin" << std::endl;
  // Here all of them work at the same time.
  if (const auto out = barrier.leave(std::chrono::seconds(60)); !out) return fail(out.error());
  std::cout << "all have ended" << std::endl;
}
