// Passwords of key stores: where they come from, and the form Java feeds to its ciphers.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "env/disk.h"

namespace quoll::tls {

// The file at `path` wins over `value`, as in X509Util; one line end at its end is not part of the password
// (SecretUtils.java). An empty path: `value` itself. The error names the file, never what it holds.
std::expected<std::string, std::string> password_from(env::Disk& disk, std::string_view value, const std::string& path);

// UTF-16, big endian, without a mark: a char[] as Java's key stores digest it. Malformed UTF-8 becomes U+FFFD.
std::string utf16_of(std::string_view utf8);

}  // namespace quoll::tls
