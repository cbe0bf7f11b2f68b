// Java's .properties syntax, which zoo.cfg is written in: lines to keys and values, with the line that each began on.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::config {

// Untrimmed, as java.util.Properties keeps it; UTF-8.
struct Property {
  std::string key;
  std::string value;
  int line = 0;  // from 1, where its first character stands
};

struct LineFault {
  int line = 0;
  std::string text;
};

struct Properties {
  std::vector<Property> entries;  // in file order; of a key that stands twice only the last
  std::vector<LineFault> warnings;
};

// Reads as java.util.Properties.load(InputStream) does, so bytes above 127 are ISO-8859-1 (with a warning, as few
// expect it). Beyond Java, a byte-order mark and NUL bytes are faults: Java would take them for part of a name and lose
// that line in silence.
std::expected<Properties, std::vector<LineFault>> parse_properties(std::string_view text);

}  // namespace quoll::config
