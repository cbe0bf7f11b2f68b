// The command line of the programs that run histories.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace quoll::sim {

struct Wishes {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1;
  std::string workload;
  std::optional<std::set<std::size_t>> keep;  // indices of the plan's items
  bool verbose = false;
  bool plan_only = false;
};

// nullopt: it cannot be understood, and the usage has been printed.
std::optional<Wishes> read_wishes(std::span<char*> arguments, const char* program);

// Leaves those items whose index, counted from `first` on, is to be kept.
template <typename T>
void keep_wished(const Wishes& wishes, std::vector<T>& items, std::size_t first = 0) {
  if (!wishes.keep) return;
  std::vector<T> kept;
  for (const std::size_t i : *wishes.keep) {
    if (i >= first && i - first < items.size()) kept.push_back(items[i - first]);
  }
  items = std::move(kept);
}

}  // namespace quoll::sim
