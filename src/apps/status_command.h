// `quoll status`: a table of the servers of an ensemble, Quoll's and Apache's, and what is wrong with it.
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// `arguments`: those after the word "status". Exit codes: 0 nothing is wrong, 1 something is, 2 wrong arguments, 3 none
// of the servers serves.
int run_status(std::span<const std::string> arguments);

}  // namespace quoll::apps
