#include "sim/trial/wishes.h"

#include <charconv>
#include <cstdio>
#include <fmt/format.h>
#include <string_view>

namespace quoll::sim {

namespace {

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The indices in "0-5,7".
std::set<std::size_t> ranges(std::string_view text) {
  std::set<std::size_t> all;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t dash = part.find('-');
    const std::uint64_t from = number(part.substr(0, dash));
    const std::uint64_t to = dash == std::string_view::npos ? from : number(part.substr(dash + 1));
    for (std::uint64_t i = from; i <= to; ++i) all.insert(i);
  }
  return all;
}

}  // namespace

std::optional<Wishes> read_wishes(std::span<char*> arguments, const char* program) {
  Wishes wishes;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    const std::string_view value = i + 1 < arguments.size() ? arguments[i + 1] : "";
    if (word == "--verbose") {
      wishes.verbose = true;
      continue;
    }
    if (word == "--plan") {
      wishes.plan_only = true;
      continue;
    }
    ++i;
    if (word == "--seed") {
      wishes.seed = number(value);
    } else if (word == "--runs" || word == "--histories") {
      wishes.runs = number(value);
    } else if (word == "--workload") {
      wishes.workload = value;
    } else if (word == "--keep") {
      wishes.keep = ranges(value);
    } else {
      fmt::print(stderr,
                 "usage: {} [--seed N] [--histories N] [--workload NAME] [--keep 0-9,12] [--plan] [--verbose]\n",
                 program);
      return std::nullopt;
    }
  }
  return wishes;
}

}  // namespace quoll::sim
