// Brings the sources of a configuration together under the table's names: what each line or flag means, and which of
// two counts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/properties.h"
#include "config/values.h"

namespace quoll::config {

// Java properties in the order of the command line: name without -D, value. Of two with one name the later counts.
using Flags = std::vector<std::pair<std::string, std::string>>;
using Environment = std::map<std::string, std::string, std::less<>>;

// In rising order of weight: environment, flags, file. The file wins over -D because Apache's QuorumPeerConfig sets a
// Java property for each line of zoo.cfg that it does not know itself.
void gather_environment(const Environment& environment, Values& values);
void gather_flags(const Flags& flags, Values& values);
void gather_file(const Properties& file, std::string_view file_name, Values& values);

}  // namespace quoll::config
