// Brings a server's state back from its data directories.
#pragma once

#include <expected>
#include <string>

#include "server/core.h"
#include "store/data_dirs.h"

namespace quoll::server {

// Fills core.state. The error tells a person what is wrong and what to do.
std::expected<void, std::string> recover_state(Core& core, const store::DataDirs& dirs);

}  // namespace quoll::server
