// What this process knows of itself and its machine, for those who ask by four-letter words.
#pragma once

#include <string>

#include "admin/facts.h"
#include "config/settings.h"
#include "env/disk.h"

namespace quoll::apps {

// The absolute path of the folder inside of dataDir or dataLogDir that holds the files.
std::string version_directory(const std::string& directory);

// `disk` outlives the facts.
admin::Facts process_facts(const config::Settings& settings, env::Disk& disk);

}  // namespace quoll::apps
