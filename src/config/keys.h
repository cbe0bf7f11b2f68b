// The table of every configuration key Apache ZooKeeper 3.9.5 reads, and what Quoll makes of each. The rows stand in
// keys_*.h, by subject; docs/configuration.md is written from them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/key.h"

namespace quoll::config {

// In the order of the documentation: rows of one group stand together.
std::span<const Key> keys();

// The row of a key as zoo.cfg writes it: an exact one before a family. A row of Place::flag is found too: its caller
// must say that the key belongs on the command line. nullptr: unknown.
const Key* find_in_file(std::string_view name);

// The row of a Java property, as -D names it. nullptr: unknown.
const Key* find_property(std::string_view property);

// The row that code asks for by its name in the table; it must be there.
const Key& row(std::string_view name);

// The known key that `name` was most likely meant to be: one that differs by case or a few letters, or that Apache's
// manual calls by another name. Empty: none is near.
std::string nearest_key(std::string_view name);

}  // namespace quoll::config
