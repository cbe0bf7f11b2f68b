// Key store passwords: where they are read from, and their encoding for Java's ciphers.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "env/disk.h"

namespace quoll::tls {

// Reads the password from the file at `path`; if `path` is empty, returns `value` (as in X509Util). One line end at the
// end of the file is not part of the password (SecretUtils.java). The error names the file, never its content.
std::expected<std::string, std::string> password_from(env::Disk& disk, std::string_view value, const std::string& path);

// Encodes as UTF-16 big endian without a byte order mark, which is how Java's key stores hash a char[]. Malformed UTF-8
// becomes U+FFFD.
std::string utf16_of(std::string_view utf8);

}  // namespace quoll::tls
