// Kinds of watches and of events (org.apache.zookeeper.Watcher, server.watch.WatchStats).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/strong.h"

namespace quoll::watch {

// A connection of this server that set watches. Ids are not reused while the server runs.
using WatcherId = base::Strong<struct WatcherIdTag, std::uint64_t>;

enum class EventType : std::int32_t {
  none = -1,
  node_created = 1,
  node_deleted = 2,
  node_data_changed = 3,
  node_children_changed = 4,
};
inline constexpr std::int32_t kSyncConnected = 3;

// How a watch fires. One watcher may have several modes on one path.
enum class Mode : std::uint8_t {
  standard = 1,              // fires once
  persistent = 2,            // fires until removed
  persistent_recursive = 4,  // like persistent, and for all descendants too
};

// The key for Apache's watches on a null path, which never fire but can be checked and removed. It is not valid UTF-8,
// so no real path equals it.
inline constexpr std::string_view kNullPath = "\xffnull";

// The kinds of watches that checkWatches and removeWatches select.
enum class WatcherType : std::int32_t { children = 1, data = 2, any = 3, persistent = 4, persistent_recursive = 5 };

}  // namespace quoll::watch
