// A registry of names: names SERVERS claim NAME DATA holds a name until its input ends; names SERVERS next PREFIX
// prints a name that nobody had before; names SERVERS list; names SERVERS watch prints changes until its input ends.
#include <atomic>
#include <iostream>
#include <quoll/naming.h>
#include <thread>

using quoll::zk::Client;
using quoll::zk::NameChange;
using quoll::zk::Names;

int fail(const quoll::zk::Failure& failure) {
  std::cerr << failure.text << '\n';
  return 1;
}

void wait_for_end_of_input() {
  for (std::string line; std::getline(std::cin, line);) {
  }
}

int watch(Names& names) {
  if (const auto followed = names.follow(); !followed) return fail(followed.error());
  std::atomic<bool> is_over = false;
  std::thread printer([&] {
    while (!is_over) {
      const auto change = names.next(std::chrono::milliseconds(100));
      if (!change || change->kind > NameChange::Kind::released) continue;
      std::cout << "+*-"[static_cast<int>(change->kind)] << ' ' << change->name << ' ' << change->data << std::endl;
    }
  });
  wait_for_end_of_input();
  is_over = true;
  printer.join();
  return 0;
}

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[2] : "";
  auto client = Client::open({.servers = argc > 1 ? argv[1] : "", .session_timeout = std::chrono::seconds(6)});
  if (!client) return fail(client.error());
  Names names(*client, "/example/names");
  if (what == "watch") return watch(names);
  if (what == "list") {
    if (const auto followed = names.follow(); !followed) return fail(followed.error());
    for (const auto& [name, data] : names.all()) std::cout << name << ' ' << data << '\n';
    return 0;
  }
  if (argc < 4) return std::cerr << "names SERVERS claim NAME DATA | next PREFIX | list | watch\n", 2;
  const auto claim = what == "next" ? names.claim_next(argv[3], "") : names.claim(argv[3], argc > 4 ? argv[4] : "");
  if (!claim) return fail(claim.error());
  std::cout << claim->name << std::endl;
  if (what == "claim") wait_for_end_of_input();
}
