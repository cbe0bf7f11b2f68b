// `quoll migrate check`: says beforehand what would stop the replacement of Apache's servers by Quoll's
// (docs/migration.md).
#pragma once

#include <span>
#include <string>

namespace quoll::apps {

// `arguments`: those after the word "migrate". Exit codes: 0: nothing stands in the way; 1: something does;
// 2: wrong arguments.
int run_migrate(std::span<const std::string> arguments);

}  // namespace quoll::apps
