// Finds other users of a directory through /proc: the files of a server that does not know our locks must not be
// changed.
#pragma once

#include <string>
#include <vector>

#include "env/disk.h"

namespace quoll::os {

// Returns processes other than this one that have one of the directories, or a file in them, open; and Apache servers
// whose configuration names the parent directory (such a server has no file open until its first write). The
// directories are those named version-2. Processes that this user may not inspect are skipped.
std::vector<env::DirectoryUser> directory_users(const std::vector<std::string>& directories);

}  // namespace quoll::os
