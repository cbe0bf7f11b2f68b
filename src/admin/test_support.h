// A server in a simulated world that answers four-letter words over the simulated network.
#pragma once

#include <optional>

#include "admin/four_letter_words.h"
#include "server/test_support.h"

namespace quoll::admin {

class WordWorld : public server::ServerWorld {
 public:
  explicit WordWorld(Whitelist whitelist = {.all = true}) : whitelist_(std::move(whitelist)) {
    facts.version = "3.9.5-quoll-test, built on 2026-11-24 00:00 UTC";
    facts.snapshot_dir = "/data/version-2";
    facts.log_dir = "/log/version-2";
    facts.snapshot_dir_bytes = [] { return 478; };
    facts.log_dir_bytes = [] { return 67108880; };
    facts.port_roles = {PortRole::plain};
    facts.environment = [] { return Facts::Environment{{"host.name", "here"}, {"java.version", "none"}}; };
    facts.open_files = [] { return 53; };
    facts.open_files_max = [] { return 20000; };
  }

  void serve() {
    ASSERT_TRUE(start());
    words.emplace(*server, facts, whitelist_);
    server->set_word_responder(*words);
  }

  // Sends `bytes` over a new connection and returns the answer when the server has closed the connection.
  enum class Then { waits, finishes };
  std::string ask(std::string_view bytes, Then then = Then::waits) {
    sim::Client& asker = client("10.0.0.9");
    asker.keep_raw();
    asker.dial();
    asker.send_raw(bytes);
    if (then == Then::finishes) asker.finish();
    EXPECT_TRUE(world.run_until([&] { return asker.is_closed(); }, 10'000)) << "no answer to " << bytes;
    return asker.raw();
  }

  // The value that `mntr` prints for a metric; nullopt if there is no such line.
  std::optional<std::string> metric(std::string_view name) {
    const std::string text = "\n" + ask("mntr");
    const std::string start = fmt::format("\nzk_{}\t", name);
    const std::size_t at = text.find(start);
    if (at == std::string::npos) return std::nullopt;
    const std::size_t from = at + start.size();
    return text.substr(from, text.find('\n', from) - from);
  }

  Facts facts;
  std::optional<FourLetterWords> words;

 private:
  Whitelist whitelist_;
};

}  // namespace quoll::admin
