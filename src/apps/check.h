// `quoll server --check`: everything that a start needs is looked at, and nothing is changed.
#pragma once

#include <vector>

#include "apps/configuration.h"
#include "env/log.h"

namespace quoll::apps {

// Says all that is wrong, each with its key, its place and what to do, and returns the exit code that a start would end
// with: 0 when nothing is wrong, 2 for the configuration, else 3 for the folders, else 1.
int check_start(const Configuration& configuration, const std::vector<config::Notice>& java, env::Log& log);

}  // namespace quoll::apps
