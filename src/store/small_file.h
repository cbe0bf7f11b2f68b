// Files with a short text that are read and replaced as a whole.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "env/disk.h"

namespace quoll::store {

// nullopt if the file does not exist. The error is a sentence for people.
std::expected<std::optional<std::string>, std::string> read_small_file(env::Disk& disk, const std::string& path);
// Writes `path`.tmp and renames it. The content is durable when the function returns.
env::DiskResult<void> replace_small_file(env::Disk& disk, const std::string& directory, const std::string& path,
                                         std::string_view text, env::OpenMode mode = env::OpenMode::create);
// The text up to the first line end, as Java's readLine returns it.
std::string_view first_line(std::string_view text);
// A decimal number, surrounded by optional blanks and line ends; otherwise nullopt.
std::optional<std::int64_t> decimal(std::string_view text);

}  // namespace quoll::store
