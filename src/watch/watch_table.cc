#include "watch/watch_table.h"

#include <algorithm>

#include "base/check.h"

namespace quoll::watch {

namespace {

// How many watches remove_watcher() erases at once.
constexpr std::size_t kErasedAtOnce = 1000;

constexpr std::uint8_t bit(Mode mode) {
  return static_cast<std::uint8_t>(mode);
}

}  // namespace

WatchTable::WatchTable(const base::HashKey& key) : hash_(key), by_path_(kParts, ByPath(0, hash_)) {}

WatchTable::Entries::iterator WatchTable::find(Entries& entries, WatcherId watcher) {
  return std::lower_bound(entries.begin(), entries.end(), watcher,
                          [](const Entry& entry, WatcherId id) { return entry.watcher < id; });
}

template <typename Path>
WatchTable::ByPath::iterator WatchTable::add_to(const Path& path, WatcherId watcher, Mode mode) {
  const base::Hashed key = hashed(path);
  ByPath& part = part_of(key);
  auto at = part.find(key);
  if (at == part.end()) {
    at = part.emplace(SharedPath(path), Entries()).first;
    ++path_count_;
  }
  auto entry = find(at->second, watcher);
  if (entry == at->second.end() || entry->watcher != watcher) {
    entry = at->second.insert(entry, Entry{watcher, 0});
    Paths& of_watcher = by_watcher_[watcher];
    of_watcher.paths.insert(&at->first);
    of_watcher.bytes += bytes_of(at->first);
    bytes_ += bytes_of(at->first);
    ++size_;
  }
  if ((entry->modes & bit(mode)) == 0 && mode == Mode::persistent_recursive) ++recursive_count_;
  entry->modes |= bit(mode);
  return at;
}

SharedPath WatchTable::add(std::string_view path, WatcherId watcher, Mode mode) {
  return add_to(path, watcher, mode)->first;
}

void WatchTable::add(const SharedPath& path, WatcherId watcher, Mode mode) {
  add_to(path, watcher, mode);
}

std::size_t WatchTable::bytes_of(WatcherId watcher) const {
  const auto at = by_watcher_.find(watcher);
  return at == by_watcher_.end() ? 0 : at->second.bytes;
}

void WatchTable::unlink_path(WatcherId watcher, const SharedPath* path) {
  const auto at = by_watcher_.find(watcher);
  if (at == by_watcher_.end()) return;
  at->second.paths.erase(path);
  at->second.bytes -= bytes_of(*path);
  if (at->second.paths.empty()) by_watcher_.erase(at);
}

WatchTable::Paths& WatchTable::paths_of(WatcherId watcher) {
  const auto at = by_watcher_.find(watcher);
  return at == by_watcher_.end() ? removed_.at(watcher) : at->second;
}

void WatchTable::erase_path(ByPath& part, ByPath::iterator at) {
  part.erase(at);
  --path_count_;
}

void WatchTable::erase(ByPath& part, ByPath::iterator at, Entries::iterator entry) {
  if ((entry->modes & bit(Mode::persistent_recursive)) != 0) --recursive_count_;
  at->second.erase(entry);
  --size_;
  bytes_ -= bytes_of(at->first);
  if (at->second.empty()) erase_path(part, at);
}

bool WatchTable::remove(std::string_view path, WatcherId watcher, std::optional<Mode> mode) {
  const base::Hashed key = hashed(path);
  ByPath& part = part_of(key);
  const auto at = part.find(key);
  if (at == part.end()) return false;
  const auto entry = find(at->second, watcher);
  if (entry == at->second.end() || entry->watcher != watcher) return false;
  if (mode && (entry->modes & bit(*mode)) == 0) return false;
  if (mode && entry->modes != bit(*mode)) {
    if (*mode == Mode::persistent_recursive) --recursive_count_;
    entry->modes &= static_cast<std::uint8_t>(~bit(*mode));
    return true;
  }
  unlink_path(watcher, &at->first);
  erase(part, at, entry);
  return true;
}

bool WatchTable::contains(std::string_view path, WatcherId watcher, std::optional<Mode> mode) const {
  const base::Hashed key = hashed(path);
  const ByPath& part = part_of(key);
  const auto at = part.find(key);
  if (at == part.end()) return false;
  const auto entry = std::lower_bound(at->second.begin(), at->second.end(), watcher,
                                      [](const Entry& e, WatcherId id) { return e.watcher < id; });
  if (entry == at->second.end() || entry->watcher != watcher) return false;
  return !mode || (entry->modes & bit(*mode)) != 0;
}

void WatchTable::remove_watcher(WatcherId watcher) {
  auto paths = by_watcher_.extract(watcher);
  if (paths.empty()) return;
  removed_size_ += paths.mapped().paths.size();
  removed_.insert(std::move(paths));
  erase_removed(kErasedAtOnce);
}

bool WatchTable::erase_removed(std::size_t count) {
  while (!removed_.empty() && count > 0) {
    const auto next = removed_.begin();
    auto& paths = next->second.paths;
    for (; !paths.empty() && count > 0; --count) {
      ++walked_;
      const SharedPath& path = **paths.begin();
      paths.erase(paths.begin());
      const base::Hashed key = hashed(path);
      ByPath& part = part_of(key);
      const auto at = part.find(key);
      erase(part, at, find(at->second, next->first));
      --removed_size_;
    }
    if (paths.empty()) removed_.erase(next);
  }
  return !removed_.empty();
}

void WatchTable::collect_recursive(const base::Hashed& path, std::vector<WatcherId>& watchers) const {
  const ByPath& part = part_of(path);
  const auto at = part.find(path);
  if (at == part.end()) return;
  for (const Entry& entry : at->second) {
    if ((entry.modes & bit(Mode::persistent_recursive)) != 0 && !is_removed(entry.watcher))
      watchers.push_back(entry.watcher);
  }
}

void WatchTable::note_fired(const SharedPath& path, WatcherId watcher) {
  Paths& of_watcher = paths_of(watcher);
  of_watcher.paths.erase(&path);
  of_watcher.bytes -= bytes_of(path);
  if (is_removed(watcher)) --removed_size_;
}

std::vector<WatcherId> WatchTable::trigger(std::string_view path) {
  std::vector<WatcherId> watchers;
  if (path_count_ == 0) return watchers;
  const base::Hashed key = hashed(path);
  ByPath& part = part_of(key);
  if (const auto at = part.find(key); at != part.end()) {
    auto& entries = at->second;
    walked_ += static_cast<std::int64_t>(entries.size());
    for (Entry& entry : entries) {
      if (!is_removed(entry.watcher)) watchers.push_back(entry.watcher);
      entry.modes &= static_cast<std::uint8_t>(~bit(Mode::standard));
      if (entry.modes == 0) note_fired(at->first, entry.watcher);
    }
    const std::size_t gone = std::erase_if(entries, [](const Entry& entry) { return entry.modes == 0; });
    size_ -= gone;
    bytes_ -= gone * bytes_of(at->first);
    if (entries.empty()) erase_path(part, at);
  }
  if (recursive_count_ == 0) return watchers;
  // The path's ancestors, from its parent to the root.
  for (const base::Hashed& above : base::hashed_ancestors(hash_.key(), path)) collect_recursive(above, watchers);
  if (path.size() > 1) collect_recursive(hashed("/"), watchers);
  std::sort(watchers.begin(), watchers.end());
  watchers.erase(std::unique(watchers.begin(), watchers.end()), watchers.end());
  return watchers;
}

void WatchTable::check_invariants() const {
  check_paths();
  check_watchers();
}

void WatchTable::check_paths() const {
  std::size_t paths = 0;
  std::size_t watches = 0;
  std::size_t bytes = 0;
  std::size_t recursive = 0;
  for (const ByPath& part : by_path_) {
    for (const auto& [path, entries] : part) {
      QUOLL_CHECK(!entries.empty(), "a path has watches");
      const auto misplaced = std::ranges::adjacent_find(entries, std::ranges::greater_equal{}, &Entry::watcher);
      QUOLL_CHECK(misplaced == entries.end(), "the watches of a path are sorted, one for each watcher");
      for (const Entry& entry : entries) {
        QUOLL_CHECK(entry.modes != 0, "a watch has a mode");
        const auto open = by_watcher_.find(entry.watcher);
        const Paths& of_watcher = open == by_watcher_.end() ? removed_.at(entry.watcher) : open->second;
        QUOLL_CHECK(of_watcher.paths.contains(&path), "a watcher knows its paths");
        recursive += (entry.modes & bit(Mode::persistent_recursive)) != 0;
      }
      ++paths;
      watches += entries.size();
      bytes += entries.size() * bytes_of(path);
    }
  }
  QUOLL_CHECK(paths == path_count_ && watches == size_ && bytes == bytes_ && recursive == recursive_count_,
              "the counts are those of the watches");
}

void WatchTable::check_watchers() const {
  std::size_t open = 0;
  std::size_t removed = 0;
  for (const auto& [watcher, of_watcher] : by_watcher_) {
    std::size_t bytes = 0;
    for (const SharedPath* const path : of_watcher.paths) bytes += bytes_of(*path);
    QUOLL_CHECK(bytes == of_watcher.bytes, "a watcher's bytes are those of its paths");
    open += of_watcher.paths.size();
  }
  for (const auto& [watcher, of_watcher] : removed_) removed += of_watcher.paths.size();
  QUOLL_CHECK(removed == removed_size_ && open + removed == size_, "every watch belongs to one watcher");
}

}  // namespace quoll::watch
