#include "sasl/directives.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>

#include "base/utf8.h"

namespace quoll::sasl {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

constexpr std::array<std::string_view, 13> kOfClients{"username", "realm",      "nonce",     "cnonce", "nonce-count",
                                                      "qop",      "digest-uri", "response",  "maxbuf", "charset",
                                                      "cipher",   "authzid",    "auth-param"};
constexpr std::array<std::string_view, 10> kOfServers{"realm",  "nonce",   "qop",    "algorithm",  "stale",
                                                      "maxbuf", "charset", "cipher", "auth-param", "rspauth"};

class DirectivesParser {
 public:
  DirectivesParser(std::string_view token, std::span<const std::string_view> known) : rest_(token), known_(known) {}

  std::expected<Directives, std::string> parse() {
    skip_blanks();
    while (!rest_.empty()) {
      if (rest_.front() == ',') {  // empty element
        rest_.remove_prefix(1);
        skip_blanks();
        continue;
      }
      auto name = this->name();
      if (!name) return std::unexpected(name.error());
      auto value = this->value();
      if (!value) return std::unexpected(value.error());
      // Unknown names are ignored, even if repeated.
      const bool is_known = std::ranges::find(known_, *name) != known_.end();
      if (is_known && !found_.emplace(*name, std::move(*value)).second) {
        return std::unexpected(fmt::format("{} appears twice", *name));
      }
      skip_blanks();
    }
    return std::move(found_);
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // Reads up to and including the '=' and the blanks after it.
  std::expected<std::string, std::string> name() {
    std::string name;
    while (!rest_.empty() && rest_.front() != '=' && !is_blank(rest_.front())) {
      if (rest_.front() == ',') return std::unexpected(fmt::format("{} has no value", base::escaped(name, 64)));
      const char c = take();
      name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    }
    skip_blanks();
    if (rest_.empty()) {
      return std::unexpected(fmt::format("it ends after {}, before a value", base::escaped(name, 64)));
    }
    if (take() != '=') return std::unexpected(fmt::format("no = follows {}", base::escaped(name, 64)));
    if (name.empty()) return std::unexpected("a value has no name");
    skip_blanks();
    if (rest_.empty()) return std::unexpected(fmt::format("{} has no value", base::escaped(name, 64)));
    return name;
  }

  std::expected<std::string, std::string> value() {
    std::string value;
    if (rest_.front() != '"') {
      while (!rest_.empty() && rest_.front() != ',' && !is_blank(rest_.front())) value.push_back(take());
      if (!rest_.empty()) take();
      return value;
    }
    take();
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') take();
      if (!rest_.empty()) value.push_back(take());
    }
    if (rest_.empty()) return std::unexpected("a quoted value is not terminated");
    take();
    if (rest_.empty()) return value;
    if (const char c = take(); c != ',' && !is_blank(c))
      return std::unexpected("a quoted value is followed by neither a comma nor a blank");
    return value;
  }

  std::string_view rest_;
  std::span<const std::string_view> known_;
  Directives found_;
};

}  // namespace

std::expected<Directives, std::string> parse_directives(std::string_view token) {
  return DirectivesParser(token, kOfClients).parse();
}

std::expected<Directives, std::string> parse_server_directives(std::string_view token) {
  return DirectivesParser(token, kOfServers).parse();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

}  // namespace quoll::sasl
