// Parses Java's .properties syntax, in which zoo.cfg is written, into keys and values with line numbers.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::config {

// Not trimmed, like java.util.Properties; UTF-8.
struct Property {
  std::string key;
  std::string value;
  int line = 0;  // the line of its first character, from 1
};

struct LineFault {
  int line = 0;
  std::string text;
};

struct Properties {
  std::vector<Property> entries;  // in file order; if a key occurs twice, only the last one
  std::vector<LineFault> warnings;
};

// Parses like java.util.Properties.load(InputStream), so bytes above 127 are ISO-8859-1 (with a warning, because few
// people expect that). NUL bytes are errors: Java would take them as part of a name and silently ignore that line.
std::expected<Properties, std::vector<LineFault>> parse_properties(std::string_view text);

}  // namespace quoll::config
