#include "admin/watch_lists.h"

#include <algorithm>
#include <tuple>

#include "admin/steps.h"
#include "wire/jute.h"

namespace quoll::admin {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{32} << 10;

}  // namespace

std::vector<WatchEntry> next_watches(const server::Server& server, std::size_t& part) {
  std::vector<WatchEntry> some;
  for (; part < watch::WatchTable::kParts && some.size() < kLinesInOneStep; ++part) {
    server.core().state.data_watches.for_each_in(
        part, [&](std::string_view path, watch::WatcherId watcher) { some.push_back(WatchEntry{path, watcher}); });
  }
  return some;
}

std::string_view shown_path(std::string_view path) {
  return path == watch::kNullPath ? "null" : path;
}

std::int64_t session_of(const server::Server& server, watch::WatcherId watcher) {
  const server::ClientConnection* const connection = server.connections().find(watcher);
  return connection == nullptr ? 0 : connection->session.value();
}

bool PathsByWatcher::read_table(const server::Server& server) {
  auto some = next_watches(server, part_);
  std::sort(some.begin(), some.end(), [](const WatchEntry& a, const WatchEntry& b) {
    return std::tie(a.watcher, a.path) < std::tie(b.watcher, b.path);
  });
  for (const WatchEntry& entry : some) {
    wire::Writer(piece_of(entry.watcher)).put(shown_path(entry.path));
  }
  if (part_ < watch::WatchTable::kParts) return true;
  server.core().state.data_watches.for_each_watcher([&](watch::WatcherId watcher) { pieces_.try_emplace(watcher); });
  return false;
}

bool PathsByWatcher::visit_next(const std::function<void(watch::WatcherId)>& on_begin,
                                const std::function<void(std::string_view path)>& on_path,
                                const std::function<void()>& on_end) {
  for (std::size_t visited = 0; !pieces_.empty() && visited < kPieceBytes;) {
    const auto first = pieces_.begin();
    std::deque<std::string>& pieces = first->second;
    if (!has_begun_) on_begin(first->first);
    has_begun_ = true;
    if (!pieces.empty()) {
      const std::string& piece = pieces.front();
      wire::Reader reader(piece, static_cast<std::int64_t>(piece.size()));
      for (std::string_view path; reader.ok() && reader.remaining() > 0;) {
        reader.get(path);
        on_path(path);
      }
      visited += pieces.front().size();
      pieces.pop_front();
    }
    visited += 16;
    if (!pieces.empty()) continue;
    on_end();
    has_begun_ = false;
    pieces_.erase(first);
  }
  return !pieces_.empty();
}

std::string& PathsByWatcher::piece_of(watch::WatcherId watcher) {
  std::deque<std::string>& pieces = pieces_[watcher];
  if (pieces.empty() || pieces.back().size() > kPieceBytes) pieces.emplace_back();
  return pieces.back();
}

}  // namespace quoll::admin
