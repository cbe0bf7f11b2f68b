// Asks an HTTP port for something and hands on the body as it comes.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tls/options.h"

namespace quoll::apps::backup {

struct Address {
  std::string host;
  std::uint16_t port = 8080;
};
// "host:8080", "[::1]:8080", "host"; nullopt: it is none.
std::optional<Address> address_of(std::string_view text, std::uint16_t preset);

struct Download {
  Address from;
  std::string target;         // "/commands/snapshot?streaming=true"
  std::string authorization;  // of the field Authorization; empty: none
  std::int64_t silent_ms_max = 60'000;
  std::optional<tls::Options> tls;  // HTTPS
};

struct Downloaded {
  int status = 0;
  std::string text;                                // the body of an answer whose status is not 200, up to 64 KiB
  std::vector<std::optional<std::string>> fields;  // as asked
};

// Blocks. `on_body` gets the body of an answer with status 200; it returns false to end. `fields`: header fields to
// return. The error is a sentence for people: no connection, no answer, or one that was cut.
std::expected<Downloaded, std::string> download(const Download& what, const std::vector<std::string>& fields,
                                                const std::function<bool(std::string_view)>& on_body);

}  // namespace quoll::apps::backup
