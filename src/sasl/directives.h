// Parses DIGEST-MD5 tokens: comma-separated name=value pairs with values quoted or unquoted.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace quoll::sasl {

using Directives = std::map<std::string, std::string, std::less<>>;  // names in lower case

// Accepts what Java's DigestMD5Base.parseDirectives accepts: unknown names, blanks around separators, blanks instead of
// commas. Refuses what it refuses: a second value for a name of RFC 2831, a name without a value, an unterminated
// quote, an empty name.
//
// A client's token.
std::expected<Directives, std::string> parse_directives(std::string_view token);
// A server's token: its challenge or its proof. It may have several realms in RFC 2831; here it is refused then.
std::expected<Directives, std::string> parse_server_directives(std::string_view token);

// "text" with its quotes and backslashes escaped.
std::string quoted(std::string_view text);

}  // namespace quoll::sasl
