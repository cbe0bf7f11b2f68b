// One table of watches by path (org.apache.zookeeper.server.watch.WatchManager). A server has two: data and children.
#pragma once

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
  void remove_watcher(WatcherId watcher);

  // Who hears of a change at `path`: every watcher on the path itself (standard watches are used up) and the recursive
  // ones above it. Each watcher once.
  std::vector<WatcherId> trigger(std::string_view path);

  // (path, watcher) pairs.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t path_count() const { return by_path_.size(); }
  [[nodiscard]] std::size_t watcher_count() const { return by_watcher_.size(); }
  [[nodiscard]] std::size_t recursive_count() const { return recursive_count_; }

  template <typename Visit>  // void(const std::string& path, WatcherId)
  void for_each(Visit&& visit) const {
    for (const auto& [path, entries] : by_path_) {
      for (const Entry& entry : entries) visit(path, entry.watcher);
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

  static Entries::iterator find(Entries& entries, WatcherId watcher);
  void erase(ByPath::iterator at, Entries::iterator entry);
  void forget(WatcherId watcher, const std::string* path);
  void collect_recursive(std::string_view path, std::vector<WatcherId>& watchers) const;

  ByPath by_path_;
  // As in Apache's server, a watcher whose watches have fired stays, with none, until it goes or takes one back.
  std::unordered_map<WatcherId, std::unordered_set<const std::string*>> by_watcher_;
  std::size_t size_ = 0;
  std::size_t recursive_count_ = 0;
};

}  // namespace quoll::watch
