// Answers four-letter words: knows which exist, applies the whitelist, and answers while the server is not serving.
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

// `server` and `facts` must outlive it.
class FourLetterWords : public server::WordResponder {
 public:
  FourLetterWords(server::Server& server, const Facts& facts, Whitelist whitelist)
      : server_(server), facts_(facts), whitelist_(std::move(whitelist)) {}

  [[nodiscard]] bool knows(std::string_view word) const override;
  std::unique_ptr<server::LongAnswer> long_answer(std::string_view word, const env::Address& from) override;
  // `rest`: what the client sent after the word; only stmk uses it.
  std::string answer(std::string_view word, std::string_view rest, const env::Address& from) override;

 private:
  std::string set_trace_mask(std::string_view rest);

  server::Server& server_;
  const Facts& facts_;
  const Whitelist whitelist_;
  // Stored for gtmk and stmk only; it controls nothing. The default is Apache's: requests, server packets, sessions,
  // warnings.
  std::int64_t trace_mask_ = 0x132;
};

}  // namespace quoll::admin
