// The paths of the ephemerals of one session, a few at a time: the tree may change in between.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "admin/steps.h"
#include "tree/tree.h"

namespace quoll::admin {

class EphemeralPaths {
 public:
  // `tree` must outlive it.
  EphemeralPaths(const tree::Tree& tree, std::int64_t session) : tree_(tree), session_(session) {
    if (const auto* const owned = tree.ephemerals_of(session)) nodes_.assign(owned->begin(), owned->end());
  }
  [[nodiscard]] bool has_any() const { return !nodes_.empty(); }
  [[nodiscard]] bool has_more() const { return at_ < nodes_.size(); }
  // The next of them that still exist, sorted.
  std::vector<std::string> next() {
    std::vector<std::string> paths;
    for (const std::size_t end = std::min(nodes_.size(), at_ + kLinesInOneStep); at_ < end; ++at_) {
      const auto* const owned = tree_.ephemerals_of(session_);
      if (owned != nullptr && owned->contains(nodes_[at_])) paths.push_back(tree_.path_of(nodes_[at_]));
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }

 private:
  const tree::Tree& tree_;
  std::int64_t session_;
  std::vector<tree::NodeId> nodes_;
  std::size_t at_ = 0;
};

// The sessions that own ephemerals, sorted.
inline std::vector<std::int64_t> owners_of_ephemerals(const tree::Tree& tree) {
  std::vector<std::int64_t> sessions;
  for (const auto& [session, nodes] : tree.ephemerals()) sessions.push_back(session);
  std::sort(sessions.begin(), sessions.end());
  return sessions;
}

}  // namespace quoll::admin
