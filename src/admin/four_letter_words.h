// Answers four-letter words: which are known, which may be asked, and what is said while the server does not serve.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "admin/facts.h"
#include "env/network.h"
#include "server/server.h"

namespace quoll::admin {

// 4lw.commands.whitelist.
struct Whitelist {
  bool all = false;
  std::set<std::string, std::less<>> words{"srvr"};
  [[nodiscard]] bool allows(std::string_view word) const { return all || words.contains(word); }
};

// The server and the facts outlive it.
class FourLetterWords : public server::WordDesk {
 public:
  FourLetterWords(server::Server& server, const Facts& facts, Whitelist whitelist)
      : server_(server), facts_(facts), whitelist_(std::move(whitelist)) {}

  [[nodiscard]] bool knows(std::string_view word) const override;
  std::unique_ptr<server::LongAnswer> long_answer(std::string_view word, const env::Address& from) override;
  // Only stmk looks at the rest.
  std::string answer(std::string_view word, std::string_view rest, const env::Address& from) override;

 private:
  std::string set_trace_mask(std::string_view rest);

  server::Server& server_;
  const Facts& facts_;
  const Whitelist whitelist_;
  // Kept for those who ask; there is nothing to trace by it here. Apache's: requests, server packets, sessions,
  // warnings.
  std::int64_t trace_mask_ = 0x132;
};

}  // namespace quoll::admin
