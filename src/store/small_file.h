// Files of one short text: read whole, replaced whole.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "env/disk.h"

namespace quoll::store {

// nullopt: there is none. The error is a sentence for a person.
std::expected<std::optional<std::string>, std::string> read_small_file(env::Disk& disk, const std::string& path);
// Through `path`.tmp; durable when it returns.
env::DiskResult<void> replace_small_file(env::Disk& disk, const std::string& directory, const std::string& path,
                                         std::string_view text, env::OpenMode mode = env::OpenMode::create);
// As Java's readLine: up to the first line end.
std::string_view first_line(std::string_view text);
// A decimal number with blanks and line ends around it; nullopt: anything else.
std::optional<std::int64_t> decimal(std::string_view text);

}  // namespace quoll::store
