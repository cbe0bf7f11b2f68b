// `quoll server --check`: checks everything that a start needs, without changing anything.
#pragma once

#include <vector>

#include "apps/configuration.h"
#include "env/log.h"

namespace quoll::apps {

// may_be_taken: the server that is to be replaced still runs.
enum class Ports { must_be_free, may_be_taken };

// Logs every problem with its key, its place and the remedy. Returns the exit code with which a start would end: 0
// without problems, 2 for the configuration, otherwise 3 for the directories, otherwise 1.
int check_start(const Configuration& configuration, const std::vector<config::Notice>& java, env::Log& log,
                Ports ports = Ports::must_be_free);

}  // namespace quoll::apps
