#include "client/watch_book.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

namespace quoll::client {

namespace {

void add_once(std::vector<std::shared_ptr<Watcher>>& out, std::shared_ptr<Watcher> watcher) {
  if (watcher != nullptr && std::ranges::find(out, watcher) == out.end()) out.push_back(std::move(watcher));
}

template <typename Table>
std::vector<std::string> sorted_paths(const Table& table) {
  std::vector<std::string> paths;
  paths.reserve(table.size());
  for (const auto& [path, watchers] : table) paths.push_back(path);
  std::ranges::sort(paths);
  return paths;
}

// The tables that a type of watcher stands for, and what its watchers are told.
std::vector<std::pair<WatchKind, EventType>> kinds_of(WatcherType type) {
  using enum WatchKind;
  using enum EventType;
  switch (type) {
    case WatcherType::children:
      return {{child, child_watch_removed}};
    case WatcherType::data:
      return {{data, data_watch_removed}, {exist, data_watch_removed}};
    case WatcherType::persistent:
      return {{persistent, persistent_watch_removed}};
    case WatcherType::persistent_recursive:
      return {{recursive, persistent_watch_removed}};
    case WatcherType::any:
      break;
  }
  return {{data, data_watch_removed},
          {exist, data_watch_removed},
          {child, child_watch_removed},
          {persistent, persistent_watch_removed},
          {recursive, persistent_watch_removed}};
}

// One setWatches request under construction.
class Batch {
 public:
  explicit Batch(std::int64_t last_zxid) : last_zxid_(last_zxid) {}

  void add(WatchKind kind, std::string path) {
    bytes_ += path.size() + 4;
    paths_[static_cast<std::size_t>(kind)].push_back(std::move(path));
  }
  [[nodiscard]] bool empty() const { return bytes_ == 0; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  void send(bool has_persistent, const std::function<void(OpCode, const RequestBody&)>& to) {
    if (has_persistent) {
      to(OpCode::set_watches2,
         SetWatches2Request{last_zxid_, views(WatchKind::data), views(WatchKind::exist), views(WatchKind::child),
                            views(WatchKind::persistent), views(WatchKind::recursive)});
    } else {
      to(OpCode::set_watches,
         SetWatchesRequest{last_zxid_, views(WatchKind::data), views(WatchKind::exist), views(WatchKind::child)});
    }
    *this = Batch(last_zxid_);
  }

 private:
  // Never null: servers refuse a null list.
  [[nodiscard]] Paths views(WatchKind kind) const {
    const auto& paths = paths_[static_cast<std::size_t>(kind)];
    return std::vector<NullableView>(paths.begin(), paths.end());
  }

  std::int64_t last_zxid_;
  std::size_t bytes_ = 0;
  std::vector<std::string> paths_[kWatchKinds];
};

}  // namespace

void WatchBook::add(WatchKind kind, const std::string& path, const std::shared_ptr<Watcher>& watcher) {
  auto& watchers = table(kind)[path];
  std::erase_if(watchers, [](const auto& each) { return each.expired(); });
  const bool is_known = std::ranges::any_of(watchers, [&](const auto& each) { return each.lock() == watcher; });
  if (!is_known) watchers.push_back(watcher);
}

void WatchBook::collect(WatchKind kind, const std::string& path, Watchers& out) {
  const auto found = table(kind).find(path);
  if (found == table(kind).end()) return;
  for (const auto& watcher : found->second) add_once(out, watcher.lock());
}

void WatchBook::collect_and_remove(WatchKind kind, const std::string& path, Watchers& out) {
  collect(kind, path, out);
  table(kind).erase(path);
}

void WatchBook::collect_recursive(const std::string& path, Watchers& out) {
  if (table(WatchKind::recursive).empty()) return;
  for (std::string at = path; !at.empty();) {
    collect(WatchKind::recursive, at, out);
    if (at == "/") return;
    const std::size_t slash = at.rfind('/');
    if (slash == std::string::npos) return;
    at.resize(std::max<std::size_t>(slash, 1));
  }
}

std::vector<std::shared_ptr<Watcher>> WatchBook::take(EventType type, const std::string& path) {
  Watchers out;
  switch (type) {
    case EventType::node_created:
    case EventType::node_data_changed:
      collect_and_remove(WatchKind::data, path, out);
      collect_and_remove(WatchKind::exist, path, out);
      break;
    case EventType::node_deleted:
      collect_and_remove(WatchKind::data, path, out);
      collect_and_remove(WatchKind::exist, path, out);
      collect_and_remove(WatchKind::child, path, out);
      break;
    case EventType::node_children_changed:
      collect_and_remove(WatchKind::child, path, out);
      break;
    default:
      return out;
  }
  collect(WatchKind::persistent, path, out);
  if (type != EventType::node_children_changed) collect_recursive(path, out);
  return out;
}

WatchBook::Removed WatchBook::remove(WatcherType type, const std::string& path) {
  Removed removed;
  for (const auto& [kind, event] : kinds_of(type)) {
    Watchers out;
    collect_and_remove(kind, path, out);
    for (auto& watcher : out) removed.emplace_back(event, std::move(watcher));
  }
  return removed;
}

bool WatchBook::has(WatcherType type, const std::string& path) const {
  return std::ranges::any_of(kinds_of(type), [&](const auto& each) { return table(each.first).contains(path); });
}

void WatchBook::prune() {
  for (Table& each : tables_) {
    for (auto& [path, watchers] : each) std::erase_if(watchers, [](const auto& watcher) { return watcher.expired(); });
    std::erase_if(each, [](const auto& entry) { return entry.second.empty(); });
  }
}

std::vector<std::shared_ptr<Watcher>> WatchBook::everybody() {
  prune();
  Watchers all;
  std::unordered_set<const Watcher*> seen;
  for (const Table& each : tables_) {
    // In the order of the paths, so that it does not depend on the order of a hash table.
    for (const std::string& path : sorted_paths(each)) {
      for (const auto& watcher : each.at(path)) {
        if (auto owned = watcher.lock(); owned != nullptr && seen.insert(owned.get()).second)
          all.push_back(std::move(owned));
      }
    }
  }
  return all;
}

bool WatchBook::empty() const {
  return std::ranges::all_of(tables_, [](const Table& each) { return each.empty(); });
}

void WatchBook::catch_up(std::int64_t last_zxid, const std::function<std::string(const std::string&)>& server_path,
                         std::size_t bytes_max, const std::function<void(OpCode, const RequestBody&)>& send) {
  prune();
  const bool has_persistent = !table(WatchKind::persistent).empty() || !table(WatchKind::recursive).empty();
  Batch batch(last_zxid);
  for (std::size_t kind = 0; kind < kWatchKinds; ++kind) {
    for (const std::string& client_path : sorted_paths(tables_[kind])) {
      std::string path = server_path(client_path);
      if (!batch.empty() && batch.bytes() + path.size() + 4 > bytes_max) batch.send(has_persistent, send);
      batch.add(static_cast<WatchKind>(kind), std::move(path));
    }
  }
  if (!batch.empty()) batch.send(has_persistent, send);
}

}  // namespace quoll::client
