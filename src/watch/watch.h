// The words of watches: what happened, and what kinds of watches there are (org.apache.zookeeper.Watcher,
// server.watch.WatchStats).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/strong.h"

namespace quoll::watch {

// Who asked: a connection of this server. Never reused while the server runs.
using WatcherId = base::Strong<struct WatcherIdTag, std::uint64_t>;

enum class EventType : std::int32_t {
  none = -1,
  node_created = 1,
  node_deleted = 2,
  node_data_changed = 3,
  node_children_changed = 4,
};
inline constexpr std::int32_t kSyncConnected = 3;

// A set of these may stand for one watcher on one path.
enum class Mode : std::uint8_t {
  standard = 1,              // fires once
  persistent = 2,            // fires until removed
  persistent_recursive = 4,  // as persistent, for all descendants too
};

// Apache takes a watch on a null path, which never fires and can be asked for and removed. No path looks like its
// stand-in, which is no UTF-8.
inline constexpr std::string_view kNullPath = "\xffnull";

// What checkWatches and removeWatches name.
enum class WatcherType : std::int32_t { children = 1, data = 2, any = 3, persistent = 4, persistent_recursive = 5 };

}  // namespace quoll::watch
