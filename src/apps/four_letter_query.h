// Asks other servers with four-letter words, all at the same time.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace quoll::apps {

struct WordQuery {
  std::string host;  // a name or an address without brackets
  std::uint16_t port = 0;
  std::string word;  // four letters, or another request after whose answer the server closes the connection
};

// In the order of the queries: the answer, at most 1 MiB of it, or why there is none, as text for people
// ("Connection refused").
std::vector<std::expected<std::string, std::string>> ask_words(const std::vector<WordQuery>& queries,
                                                               std::int64_t timeout_ms);

}  // namespace quoll::apps
