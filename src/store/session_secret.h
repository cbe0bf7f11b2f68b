// The secret of quoll.sessionPasswords=random. It is generated once and kept in a file that only the server's user may
// read, so that passwords are the same after a restart.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>

#include "env/disk.h"

namespace quoll::store {

// Returns unpredictable random bytes.
using SecretSource = std::function<std::string(std::size_t bytes)>;

// Reads the secret in `directory`, or creates one with `bytes` bytes if there is none. The error is a sentence for
// people.
std::expected<std::string, std::string> session_secret(env::Disk& disk, const std::string& directory, std::size_t bytes,
                                                       const SecretSource& source);

}  // namespace quoll::store
