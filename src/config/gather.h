// Collects the values from all sources under the names in the table: what each line or flag means, and which of two
// values counts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/properties.h"
#include "config/values.h"

namespace quoll::config {

// Java properties in the order of the command line: name without -D, and value. Of two with the same name the later one
// counts.
using Flags = std::vector<std::pair<std::string, std::string>>;
using Environment = std::map<std::string, std::string, std::less<>>;

// In increasing precedence: environment, flags, file. The file overrides -D because Apache's QuorumPeerConfig sets a
// Java property for each line of zoo.cfg that it does not know itself.
void gather_environment(const Environment& environment, Values& values);
void gather_flags(const Flags& flags, Values& values);
void gather_file(const Properties& file, std::string_view file_name, Values& values);

}  // namespace quoll::config
