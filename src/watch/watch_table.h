// Watches by path (org.apache.zookeeper.server.watch.WatchManager). A server has two tables: data watches and child
// watches.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/keyed_hash.h"
#include "watch/shared_path.h"
#include "watch/watch.h"

namespace quoll::watch {

class WatchTable {
 public:
  explicit WatchTable(const base::HashKey& key = {});

  // Returns the stored path, for a watch on the same path in another table.
  SharedPath add(std::string_view path, WatcherId watcher, Mode mode);
  void add(const SharedPath& path, WatcherId watcher, Mode mode);
  // Removes one mode, or all modes if none is given. False: the watcher has no such watch on the path.
  bool remove(std::string_view path, WatcherId watcher, std::optional<Mode> mode);
  [[nodiscard]] bool contains(std::string_view path, WatcherId watcher, std::optional<Mode> mode) const;
  // The watcher gets no more events. If it has many watches, only some are erased here: erase_removed() erases the
  // rest.
  void remove_watcher(WatcherId watcher);
  // Erases up to `count` watches of removed watchers. True: more are left.
  bool erase_removed(std::size_t count);

  // Returns the watchers to notify of a change at `path`: those on the path itself, whose standard watches are used up,
  // and the recursive ones on its ancestors. Each watcher appears once.
  std::vector<WatcherId> trigger(std::string_view path);

  // The bytes that a watch on this path counts, approximately its memory.
  static constexpr std::size_t bytes_of(std::string_view path) { return path.size() + 64; }
  // The sum for the watches of one watcher, and for all watches.
  [[nodiscard]] std::size_t bytes_of(WatcherId watcher) const;
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  // The number of watches examined so far in order to notify, list or erase them; a measure of the cost.
  [[nodiscard]] std::int64_t walked() const { return walked_; }

  // Number of (path, watcher) pairs.
  [[nodiscard]] std::size_t size() const { return size_ - removed_size_; }
  // Includes paths watched only by removed watchers until erase_removed() has erased them.
  [[nodiscard]] std::size_t path_count() const { return path_count_; }
  [[nodiscard]] std::size_t watcher_count() const { return by_watcher_.size(); }
  [[nodiscard]] std::size_t recursive_count() const { return recursive_count_; }

  void check_invariants() const;

  // The table is divided into parts so that it can be walked while it changes: all watches of a path are in one part,
  // and a walk over all parts visits each watch that exists throughout exactly once.
  static constexpr std::size_t kParts = 1024;
  template <typename Visit>  // void(std::string_view path, WatcherId)
  void for_each_in(std::size_t part, Visit&& visit) const {
    for (const auto& [path, entries] : by_path_[part]) {
      for (const Entry& entry : entries) {
        ++walked_;
        if (!is_removed(entry.watcher)) visit(path.view(), entry.watcher);
      }
    }
  }
  template <typename Visit>  // void(WatcherId), also watchers whose watches have all fired
  void for_each_watcher(Visit&& visit) const {
    for (const auto& [watcher, paths] : by_watcher_) visit(watcher);
  }

 private:
  struct Entry {
    WatcherId watcher;
    std::uint8_t modes = 0;
  };
  using Entries = std::vector<Entry>;  // sorted by watcher
  using ByPath = std::unordered_map<SharedPath, Entries, base::KeyedHash, base::HashedEqual>;

  struct Paths {
    std::unordered_set<const SharedPath*> paths;
    std::size_t bytes = 0;
  };

  [[nodiscard]] base::Hashed hashed(std::string_view path) const { return {path, hash_(path)}; }
  // The upper bits of the hash select the part, the lower bits the place in it.
  [[nodiscard]] ByPath& part_of(const base::Hashed& path) { return by_path_[(path.hash >> 32) % kParts]; }
  [[nodiscard]] const ByPath& part_of(const base::Hashed& path) const { return by_path_[(path.hash >> 32) % kParts]; }
  [[nodiscard]] bool is_removed(WatcherId watcher) const { return !removed_.empty() && removed_.contains(watcher); }
  [[nodiscard]] Paths& paths_of(WatcherId watcher);
  void check_paths() const;
  void check_watchers() const;
  static Entries::iterator find(Entries& entries, WatcherId watcher);
  void erase_path(ByPath& part, ByPath::iterator at);
  void erase(ByPath& part, ByPath::iterator at, Entries::iterator entry);
  void note_fired(const SharedPath& path, WatcherId watcher);
  void unlink_path(WatcherId watcher, const SharedPath* path);
  template <typename Path>  // a view, or a SharedPath
  ByPath::iterator add_to(const Path& path, WatcherId watcher, Mode mode);
  void collect_recursive(const base::Hashed& path, std::vector<WatcherId>& watchers) const;

  base::KeyedHash hash_;
  // Many maps instead of one, so that no single rehash takes long.
  std::vector<ByPath> by_path_;
  std::size_t path_count_ = 0;
  // As in Apache's server, a watcher whose watches have all fired stays here until it is removed or removes a watch.
  std::unordered_map<WatcherId, Paths> by_watcher_;
  // Removed watchers, with those of their watches that are not erased yet.
  std::unordered_map<WatcherId, Paths> removed_;
  std::size_t removed_size_ = 0;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  mutable std::int64_t walked_ = 0;
  std::size_t recursive_count_ = 0;
};

}  // namespace quoll::watch
