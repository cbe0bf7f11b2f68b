// Prints the changes of a subtree as they happen: follow SERVERS PATH [COUNT].
#include <cstdlib>
#include <iostream>
#include <quoll/cache.h>

using namespace std::chrono_literals;
using Kind = quoll::zk::CacheChange::Kind;

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "follow SERVERS PATH [COUNT]\n", 2;
  auto client = quoll::zk::Client::open({.servers = argv[1]});
  if (!client) return fail(client.error());
  quoll::zk::Cache cache(*client, argv[2]);
  if (const auto settled = cache.wait_settled(30s); !settled) return fail(settled.error());
  std::cout << "It has " << cache.children(argv[2]).size() << " children" << std::endl;
  bool is_told = false;  // what was there at the beginning
  for (int left = argc > 3 ? std::atoi(argv[3]) : -1; left != 0;) {
    const auto change = cache.next(1h);
    if (!change) continue;
    if (change->kind == Kind::ended) return std::cerr << "The session is over\n", 1;
    if (change->kind == Kind::stale) std::cout << "The connection is lost; changes will be told later" << std::endl;
    is_told = is_told || change->kind == Kind::settled;
    if (!is_told || change->kind > Kind::removed) continue;
    const std::string data = change->data.value_or("");
    if (change->kind == Kind::created) std::cout << "+ " << change->path << ' ' << data << std::endl;
    if (change->kind == Kind::changed) std::cout << "* " << change->path << ' ' << data << std::endl;
    if (change->kind == Kind::removed) std::cout << "- " << change->path << std::endl;
    --left;
  }
}
