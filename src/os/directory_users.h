// Who else uses a directory, from /proc: a server that knows nothing of our locks must not find its files changed.
#pragma once

#include <string>
#include <vector>

#include "env/disk.h"

namespace quoll::os {

// Processes other than this one that have one of the directories, or a file in them, open; and servers of Apache whose
// configuration names the directory above (such a one has no file open until its first write). The directories are the
// ones called version-2. What this user may not look into is passed over.
std::vector<env::DirectoryUser> directory_users(const std::vector<std::string>& directories);

}  // namespace quoll::os
