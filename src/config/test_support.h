// For this room's tests: loading in one line, and the messages as one text.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "config/load.h"

namespace quoll::config::testing {

inline LoadResult loaded(std::string_view text, const Flags& flags = {}) {
  return load(text, "zoo.cfg", flags, {});
}

// The least that a file must say, and `more`, which begins on line 4.
inline std::string basics(std::string_view more = "") {
  return "dataDir=/data\nclientPort=2181\nadmin.enableServer=false\n" + std::string(more);
}

inline std::string problems(const LoadResult& result) {
  std::string text;
  if (!result) {
    for (const auto& p : result.error().problems) text += p.text + "\n";
  }
  return text;
}

inline std::string notices(const LoadResult& result, Weight least = Weight::info) {
  std::string text;
  if (!result) return "does not load:\n" + problems(result);
  for (const auto& n : result->notices) {
    if (n.weight >= least) text += n.text + "\n";
  }
  return text;
}

inline std::string file_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace quoll::config::testing
