// The table of every configuration key that Apache ZooKeeper 3.9.5 reads, and what Quoll does with it. The rows are in
// keys_*.h by subject; docs/configuration.md is generated from them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/key.h"

namespace quoll::config {

// In the order of the documentation: rows of one group are adjacent.
std::span<const Key> keys();

// The row of a key in zoo.cfg: an exact match before a family. Also finds rows of Place::flag, for which the caller
// reports that they belong on the command line. nullptr if unknown.
const Key* find_in_file(std::string_view name);

// The row of a Java property, as named with -D. nullptr if unknown.
const Key* find_property(std::string_view property);

// The row of this name, which must exist.
const Key& row(std::string_view name);

// The known key that `name` was probably meant to be: one that differs in case or in a few letters, or that Apache's
// manual lists under another name. Empty if there is none.
std::string nearest_key(std::string_view name);

}  // namespace quoll::config
