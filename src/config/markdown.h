// Generates the operators' page on configuration from the table of keys.
#pragma once

#include <string>

namespace quoll::config {

// The whole text of docs/configuration.md.
std::string render_markdown();

}  // namespace quoll::config
