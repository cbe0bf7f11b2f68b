// Walks the table of data watches in slices, for answers that list all of them.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "server/server.h"

namespace quoll::admin {

struct WatchEntry {
  std::string_view path;  // a view into the table
  watch::WatcherId watcher;
};

// The watches of the next parts of the table, enough for about one step. All have been returned when `part` is
// WatchTable::kParts.
std::vector<WatchEntry> next_watches(const server::Server& server, std::size_t& part);

// Apache prints the null path of a client's mistake as "null".
std::string_view shown_path(std::string_view path);

// 0: the connection has gone, or has no session.
std::int64_t session_of(const server::Server& server, watch::WatcherId watcher);

// Collects the paths of each watcher. A watcher may have many, so they are kept in pieces of limited size.
class PathsByWatcher {
 public:
  // Reads the next part of the table; returns false when all have been read.
  bool read_table(const server::Server& server);
  // Visits the next pieces, watcher by watcher; returns false when all have been visited.
  bool visit_next(const std::function<void(watch::WatcherId)>& on_begin,
                  const std::function<void(std::string_view path)>& on_path, const std::function<void()>& on_end);

 private:
  std::string& piece_of(watch::WatcherId watcher);

  std::size_t part_ = 0;
  // Each path with its length before it: a watch may be on a path that no znode can have, with any bytes.
  std::map<watch::WatcherId, std::deque<std::string>> pieces_;
  bool has_begun_ = false;
};

}  // namespace quoll::admin
