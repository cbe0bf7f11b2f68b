// Facts about this process and its machine, for four-letter words.
#pragma once

#include <string>

#include "admin/facts.h"
#include "config/settings.h"
#include "env/disk.h"

namespace quoll::apps {

// The absolute path of the directory below dataDir or dataLogDir that contains the files.
std::string version_directory(const std::string& directory);

// `disk` must outlive the facts.
admin::Facts process_facts(const config::Settings& settings, env::Disk& disk);

}  // namespace quoll::apps
