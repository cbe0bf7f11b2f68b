// The lines that a server logs when it starts.
#pragma once

#include <string>
#include <vector>

#include "apps/configuration.h"
#include "env/log.h"

namespace quoll::apps {

// Version, process and configuration file; the settings that differ from the defaults; the directories and the ports.
// Secrets are not printed.
std::vector<std::string> banner_lines(const std::string& configuration_name, const config::Loaded& loaded);

}  // namespace quoll::apps
