// The commands of zkcrowd: a prober, and several kinds of load.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <poll.h>
#include <string>
#include <time.h>

namespace zkload {

class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 2; i + 1 < argc; i += 2) values_[argv[i] + 2] = argv[i + 1];
  }
  std::uint64_t number(const std::string& name, std::uint64_t otherwise) const {
    const auto at = values_.find(name);
    return at == values_.end() ? otherwise : std::strtoull(at->second.c_str(), nullptr, 10);
  }
  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto at = values_.find(name);
    return at == values_.end() ? otherwise : at->second;
  }
  std::uint16_t port() const { return static_cast<std::uint16_t>(number("port", 2181)); }

 private:
  std::map<std::string, std::string> values_;
};

inline std::uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(now.tv_nsec);
}

// The parent process ends this one by closing its standard input.
inline bool is_over(int wait_ms) {
  pollfd input{0, POLLIN, 0};
  return ::poll(&input, 1, wait_ms) > 0;
}

// Prints a line for the parent process: all clients are connected and set up.
void say_ready();

void probe(const Arguments& arguments);

void open_connections(const Arguments& arguments);
void read_nothing(const Arguments& arguments);
void drip(const Arguments& arguments);
void flood(const Arguments& arguments);

void leave_watches(const Arguments& arguments);
void ask_words(const Arguments& arguments);
void make_children(const Arguments& arguments);
void list_children(const Arguments& arguments);
void own_ephemerals(const Arguments& arguments);

}  // namespace zkload
