// Reads a whole small file through env::Disk.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "env/disk.h"

namespace quoll::tls {

// Fails if the file is longer than `bytes_max`. The error names the file.
std::expected<std::string, std::string> read_file(env::Disk& disk, const std::string& path, std::int64_t bytes_max);

}  // namespace quoll::tls
