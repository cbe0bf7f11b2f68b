// The watches that a client has set: who hears of an event, and what a new connection must register again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client/watcher.h"
#include "types/requests.h"

namespace quoll::client {

// The tables of org.apache.zookeeper.ZKWatchManager. `exist` holds watches that were set on a znode that did not exist.
enum class WatchKind { data, exist, child, persistent, recursive };
inline constexpr std::size_t kWatchKinds = 5;

// org.apache.zookeeper.Watcher.WatcherType.
enum class WatcherType : std::int32_t { children = 1, data = 2, any = 3, persistent = 4, persistent_recursive = 5 };

// Paths are the client's. A watcher that its owner has destroyed is forgotten; the server's watch stays until it fires.
class WatchBook {
 public:
  void add(WatchKind kind, const std::string& path, const std::shared_ptr<Watcher>& watcher);

  // Those who hear of this event, each once. Standard watches that it fires are removed.
  std::vector<std::shared_ptr<Watcher>> take(EventType type, const std::string& path);

  // Removes all watches of this type at this path: what each watcher is told.
  using Removed = std::vector<std::pair<EventType, std::shared_ptr<Watcher>>>;
  Removed remove(WatcherType type, const std::string& path);
  [[nodiscard]] bool has(WatcherType type, const std::string& path) const;

  // Every watcher, each once.
  std::vector<std::shared_ptr<Watcher>> everybody();
  [[nodiscard]] bool empty() const;

  // Calls `send` with the requests that register everything again: setWatches if there are no persistent watches, for
  // servers before 3.6, else setWatches2. Each has at most `bytes_max` of paths, or one path.
  void catch_up(std::int64_t last_zxid, const std::function<std::string(const std::string&)>& server_path,
                std::size_t bytes_max, const std::function<void(OpCode, const RequestBody&)>& send);

 private:
  using Table = std::unordered_map<std::string, std::vector<std::weak_ptr<Watcher>>>;
  using Watchers = std::vector<std::shared_ptr<Watcher>>;

  Table& table(WatchKind kind) { return tables_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] const Table& table(WatchKind kind) const { return tables_[static_cast<std::size_t>(kind)]; }
  void collect(WatchKind kind, const std::string& path, Watchers& out);
  void collect_and_remove(WatchKind kind, const std::string& path, Watchers& out);
  void collect_recursive(const std::string& path, Watchers& out);
  void prune();

  Table tables_[kWatchKinds];
};

}  // namespace quoll::client
