#include "config/myid.h"

#include "base/utf8.h"
#include "config/text.h"

namespace quoll::config {

std::expected<std::int64_t, std::string> parse_myid(std::string_view text) {
  const auto line = text.substr(0, text.find_first_of("\r\n"));
  if (const auto number = parse_int(line, Digits::decimal)) return *number;
  std::string content = "nothing";
  if (!line.empty()) content = fmt::format("'{}'", base::escaped(line, 40));
  const bool blanks = parse_int(trimmed(line), Digits::decimal).has_value();
  return std::unexpected(
      fmt::format("must contain this server's id and nothing else in its first line, but contains {}{}; "
                  "Apache's server does not start with it either. Correct it, or remove the file: a "
                  "server that runs alone needs none",
                  content, blanks ? ", with a blank next to the number" : ""));
}

}  // namespace quoll::config
