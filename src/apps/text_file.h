// Small text files that an operator names: the configuration, the JAAS file.
#pragma once

#include <expected>
#include <string>

#include "env/disk.h"

namespace quoll::apps {

// Longer files are refused: no configuration needs more.
inline constexpr std::size_t kTextFileBytesMax = 1 << 20;

// The whole file. The error is a sentence that names it: it cannot be read, is no regular file, or is too long.
std::expected<std::string, std::string> read_text_file(env::Disk& disk, const std::string& path);

}  // namespace quoll::apps
