// Whether the folders of a configuration can be used, looked at without a change.
#pragma once

#include <string>
#include <vector>

#include "config/load.h"

namespace quoll::apps {

struct FolderFinding {
  bool fatal = false;  // else a warning
  std::string text;    // with key, place and what to do
};

std::vector<FolderFinding> check_folders(const config::Loaded& loaded);

}  // namespace quoll::apps
