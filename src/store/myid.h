// The file that says which server of an ensemble this is.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "env/disk.h"
#include "types/ids.h"

namespace quoll::store {

// nullopt: there is none (a standalone server needs none). The error is a sentence for a person.
std::expected<std::optional<ServerId>, std::string> read_myid(env::Disk& disk, const std::string& data_dir);

}  // namespace quoll::store
