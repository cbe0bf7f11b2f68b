// One table of watches by path (org.apache.zookeeper.server.watch.WatchManager). A server has two: data and children.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "watch/watch.h"

namespace quoll::watch {

class WatchTable {
 public:
  void add(std::string_view path, WatcherId watcher, Mode mode);
  // Removes one mode, or every mode when none is named. False: that watcher has none such on the path.
  bool remove(std::string_view path, WatcherId watcher, std::optional<Mode> mode);
  [[nodiscard]] bool contains(std::string_view path, WatcherId watcher, std::optional<Mode> mode) const;
  // It hears of nothing any more. What it leaves behind may be much: the rest goes with forget_some().
  void remove_watcher(WatcherId watcher);
  // Clears away up to `count` watches of those who have gone. True: there are more.
  bool forget_some(std::size_t count);

  // Who hears of a change at `path`: every watcher on the path itself (standard watches are used up) and the recursive
  // ones above it. Each watcher once.
  std::vector<WatcherId> trigger(std::string_view path);

  // (path, watcher) pairs.
  [[nodiscard]] std::size_t size() const { return size_ - gone_size_; }
  // Paths that only those who have gone have watched count until they are cleared away.
  [[nodiscard]] std::size_t path_count() const { return path_count_; }
  [[nodiscard]] std::size_t watcher_count() const { return by_watcher_.size(); }
  [[nodiscard]] std::size_t recursive_count() const { return recursive_count_; }

  // All watches of a path are in one part: who walks through part by part, with changes in between, meets everything
  // that stands all the while exactly once.
  static constexpr std::size_t kParts = 1024;
  template <typename Visit>  // void(const std::string& path, WatcherId)
  void for_each_in(std::size_t part, Visit&& visit) const {
    for (const auto& [path, entries] : by_path_[part]) {
      for (const Entry& entry : entries) {
        if (!has_gone(entry.watcher)) visit(path, entry.watcher);
      }
    }
  }
  template <typename Visit>  // void(WatcherId), also those whose watches have all fired
  void for_each_watcher(Visit&& visit) const {
    for (const auto& [watcher, paths] : by_watcher_) visit(watcher);
  }

 private:
  struct Entry {
    WatcherId watcher;
    std::uint8_t modes = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  using Entries = std::vector<Entry>;  // sorted by watcher
  using ByPath = std::unordered_map<std::string, Entries, Hash, std::equal_to<>>;

  using Paths = std::unordered_set<const std::string*>;

  [[nodiscard]] ByPath& part_of(std::string_view path) { return by_path_[Hash()(path) % kParts]; }
  [[nodiscard]] const ByPath& part_of(std::string_view path) const { return by_path_[Hash()(path) % kParts]; }
  [[nodiscard]] bool has_gone(WatcherId watcher) const { return !gone_.empty() && gone_.contains(watcher); }
  [[nodiscard]] Paths& paths_of(WatcherId watcher);
  static Entries::iterator find(Entries& entries, WatcherId watcher);
  void erase_path(ByPath& part, ByPath::iterator at);
  void erase(ByPath& part, ByPath::iterator at, Entries::iterator entry);
  void note_fired(const std::string& path, WatcherId watcher);
  void forget(WatcherId watcher, const std::string* path);
  void collect_recursive(std::string_view path, std::vector<WatcherId>& watchers) const;

  // In parts, so that none takes long to grow.
  std::array<ByPath, kParts> by_path_;
  std::size_t path_count_ = 0;
  // As in Apache's server, a watcher whose watches have fired stays, with none, until it goes or takes one back.
  std::unordered_map<WatcherId, Paths> by_watcher_;
  // Who has gone, and what of theirs is not cleared away yet.
  std::unordered_map<WatcherId, Paths> gone_;
  std::size_t gone_size_ = 0;
  std::size_t size_ = 0;
  std::size_t recursive_count_ = 0;
};

}  // namespace quoll::watch
