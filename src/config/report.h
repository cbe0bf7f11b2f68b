// Messages about a configuration: notices, with which the server starts, and problems, with which it does not.
#pragma once

#include <string>
#include <vector>

namespace quoll::config {

enum class Weight { info, warning };

// `text` is complete by itself: it names the place and the key. It never contains a secret.
struct Notice {
  Weight weight = Weight::info;
  std::string key;
  int line = 0;  // line in the configuration file; 0: none
  std::string text;
};

struct Problem {
  std::string key;
  int line = 0;
  std::string text;
};

struct Report {
  std::vector<Notice> notices;
  std::vector<Problem> problems;
};

}  // namespace quoll::config
