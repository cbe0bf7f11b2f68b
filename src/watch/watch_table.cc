#include "watch/watch_table.h"

#include <algorithm>

#include "base/planted.h"

namespace quoll::watch {

namespace {
constexpr std::uint8_t bit(Mode mode) {
  return static_cast<std::uint8_t>(mode);
}
}  // namespace

WatchTable::Entries::iterator WatchTable::find(Entries& entries, WatcherId watcher) {
  return std::lower_bound(entries.begin(), entries.end(), watcher,
                          [](const Entry& entry, WatcherId id) { return entry.watcher < id; });
}

void WatchTable::add(std::string_view path, WatcherId watcher, Mode mode) {
  auto at = by_path_.find(path);
  if (at == by_path_.end()) at = by_path_.emplace(std::string(path), Entries()).first;
  auto entry = find(at->second, watcher);
  if (entry == at->second.end() || entry->watcher != watcher) {
    entry = at->second.insert(entry, Entry{watcher, 0});
    by_watcher_[watcher].insert(&at->first);
    ++size_;
  }
  if ((entry->modes & bit(mode)) == 0 && mode == Mode::persistent_recursive) ++recursive_count_;
  entry->modes |= bit(mode);
}

void WatchTable::forget(WatcherId watcher, const std::string* path) {
  const auto at = by_watcher_.find(watcher);
  if (at == by_watcher_.end()) return;
  at->second.erase(path);
  if (at->second.empty()) by_watcher_.erase(at);
}

void WatchTable::erase(ByPath::iterator at, Entries::iterator entry) {
  if ((entry->modes & bit(Mode::persistent_recursive)) != 0) --recursive_count_;
  at->second.erase(entry);
  --size_;
  if (at->second.empty()) by_path_.erase(at);
}

bool WatchTable::remove(std::string_view path, WatcherId watcher, std::optional<Mode> mode) {
  const auto at = by_path_.find(path);
  if (at == by_path_.end()) return false;
  const auto entry = find(at->second, watcher);
  if (entry == at->second.end() || entry->watcher != watcher) return false;
  if (mode && (entry->modes & bit(*mode)) == 0) return false;
  if (mode && entry->modes != bit(*mode)) {
    if (*mode == Mode::persistent_recursive) --recursive_count_;
    entry->modes &= static_cast<std::uint8_t>(~bit(*mode));
    return true;
  }
  forget(watcher, &at->first);
  erase(at, entry);
  return true;
}

bool WatchTable::contains(std::string_view path, WatcherId watcher, std::optional<Mode> mode) const {
  const auto at = by_path_.find(path);
  if (at == by_path_.end()) return false;
  const auto entry = std::lower_bound(at->second.begin(), at->second.end(), watcher,
                                      [](const Entry& e, WatcherId id) { return e.watcher < id; });
  if (entry == at->second.end() || entry->watcher != watcher) return false;
  return !mode || (entry->modes & bit(*mode)) != 0;
}

void WatchTable::remove_watcher(WatcherId watcher) {
  const auto paths = by_watcher_.extract(watcher);
  if (paths.empty()) return;
  for (const std::string* path : paths.mapped()) {
    const auto at = by_path_.find(*path);
    erase(at, find(at->second, watcher));
  }
}

void WatchTable::collect_recursive(std::string_view path, std::vector<WatcherId>& watchers) const {
  const auto at = by_path_.find(path);
  if (at == by_path_.end()) return;
  for (const Entry& entry : at->second) {
    if ((entry.modes & bit(Mode::persistent_recursive)) != 0) watchers.push_back(entry.watcher);
  }
}

std::vector<WatcherId> WatchTable::trigger(std::string_view path) {
  std::vector<WatcherId> watchers;
  if (by_path_.empty()) return watchers;
  if (const auto at = by_path_.find(path); at != by_path_.end()) {
    auto& entries = at->second;
    for (Entry& entry : entries) {
      watchers.push_back(entry.watcher);
      if (!base::planted(base::Bug::watch_fires_twice)) entry.modes &= static_cast<std::uint8_t>(~bit(Mode::standard));
      if (base::planted(base::Bug::persistent_watch_fires_once))
        entry.modes &= static_cast<std::uint8_t>(~bit(Mode::persistent));
      if (entry.modes == 0) by_watcher_.at(entry.watcher).erase(&at->first);
    }
    size_ -= std::erase_if(entries, [](const Entry& entry) { return entry.modes == 0; });
    if (entries.empty()) by_path_.erase(at);
  }
  if (recursive_count_ == 0) return watchers;
  // Every ancestor, the root last.
  for (std::string_view above = path; above.size() > 1;) {
    above = above.substr(0, above.rfind('/'));
    collect_recursive(above.empty() ? std::string_view("/") : above, watchers);
  }
  std::sort(watchers.begin(), watchers.end());
  watchers.erase(std::unique(watchers.begin(), watchers.end()), watchers.end());
  return watchers;
}

}  // namespace quoll::watch
