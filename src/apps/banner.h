// What a server says of itself when it starts.
#pragma once

#include <string>
#include <vector>

#include "apps/configuration.h"
#include "env/log.h"

namespace quoll::apps {

// Version, process, configuration file; then the settings that differ from the defaults, the directories and the ports.
// Secrets are no part of it.
std::vector<std::string> banner_lines(const std::string& configuration_name, const config::Loaded& loaded);

}  // namespace quoll::apps
