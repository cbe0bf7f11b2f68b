// The form of DIGEST-MD5's tokens: name=value pairs, separated by commas, values quoted or not.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace quoll::sasl {

using Directives = std::map<std::string, std::string, std::less<>>;  // names in lower case

// As lenient as Java's DigestMD5Base.parseDirectives: any names, blanks around separators, blanks instead of commas.
// Refuses what it refuses: a name that comes twice (of those that RFC 2831 knows), a name without a value, a quote
// without its end, an empty name.
std::expected<Directives, std::string> parse_directives(std::string_view token);

}  // namespace quoll::sasl
