// Checks whether the configured directories can be used, without changing them.
#pragma once

#include <string>
#include <vector>

#include "config/load.h"

namespace quoll::apps {

struct FolderFinding {
  bool fatal = false;  // otherwise a warning
  std::string text;    // with key, place and remedy
};

std::vector<FolderFinding> check_folders(const config::Loaded& loaded);

}  // namespace quoll::apps
