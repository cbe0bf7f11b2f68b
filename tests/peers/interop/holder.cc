// Takes and gives back a lock as lines of the standard input tell it: holder SERVERS PATH NAME. Says what has happened.
#include <iostream>
#include <quoll/lock.h>
#include <string>

int fail(const quoll::zk::Failure& failure) {
  std::cout << "FAILED " << failure.text << std::endl;
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 4) return std::cerr << "holder SERVERS PATH NAME\n", 2;
  auto client = quoll::zk::Client::open({.servers = argv[1], .session_timeout = std::chrono::seconds(6)});
  if (!client) return fail(client.error());
  quoll::zk::Lock lock(*client, argv[2], {.name = argv[3]});
  std::cout << "READY" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "acquire") {
      std::cout << "ASKED" << std::endl;
      const auto token = lock.acquire(std::chrono::seconds(60));
      if (!token) return fail(token.error());
      std::cout << "HOLDS" << std::endl;
    } else {
      lock.release();
      std::cout << "RELEASED" << std::endl;
    }
  }
}
