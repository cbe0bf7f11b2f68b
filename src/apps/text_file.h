// Reads small text files that an operator names: the configuration, the JAAS file.
#pragma once

#include <expected>
#include <string>

#include "env/disk.h"

namespace quoll::apps {

// Longer files are refused.
inline constexpr std::size_t kTextFileBytesMax = 1 << 20;

// Returns the whole file. The error is a sentence with the path: the file cannot be read, is not a regular file, or is
// too long.
std::expected<std::string, std::string> read_text_file(env::Disk& disk, const std::string& path);

}  // namespace quoll::apps
