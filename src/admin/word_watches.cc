// wchs, wchc, wchp: data watches in total, by session and by path. As in Apache's server, child watches are not
// printed.
#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <vector>

#include "admin/steps.h"
#include "admin/words.h"

namespace quoll::admin {

namespace {

struct Entry {
  std::string_view path;
  watch::WatcherId watcher;
};

const watch::WatchTable& table(server::Server& server) {
  return server.core().state.data_watches;
}

// Returns the watches of the next parts of the table, enough for about one step. The paths are views into the table.
std::vector<Entry> next_entries(server::Server& server, std::size_t& part) {
  std::vector<Entry> some;
  for (; part < watch::WatchTable::kParts && some.size() < kLinesInOneStep; ++part) {
    table(server).for_each_in(
        part, [&](std::string_view path, watch::WatcherId watcher) { some.push_back(Entry{path, watcher}); });
  }
  return some;
}

std::string_view shown(std::string_view path) {
  return path == watch::kNullPath ? "null" : path;
}

std::string session_of(server::Server& server, watch::WatcherId watcher) {
  const server::ClientConnection* const connection = server.connections().find(watcher);
  return fmt::format("0x{:x}", connection == nullptr ? 0 : static_cast<std::uint64_t>(connection->session.value()));
}

// Collects the printed paths of each watcher. A watcher may have many paths, so its text is kept in pieces of limited
// size.
class PathsByWatcher {
 public:
  // Returns false when all parts of the table have been read.
  bool read_table(server::Server& server) {
    auto some = next_entries(server, part_);
    std::sort(some.begin(), some.end(),
              [](const Entry& a, const Entry& b) { return std::tie(a.watcher, a.path) < std::tie(b.watcher, b.path); });
    for (const Entry& entry : some)
      fmt::format_to(std::back_inserter(piece_of(entry.watcher)), "\t{}\n", shown(entry.path));
    if (part_ < watch::WatchTable::kParts) return true;
    table(server).for_each_watcher([&](watch::WatcherId watcher) { pieces_.try_emplace(watcher); });
    return false;
  }
  // Appends the next pieces; returns false when all have been appended.
  bool append_more(server::Server& server, std::string& out) {
    while (!pieces_.empty() && out.size() < kPieceBytes) {
      const auto first = pieces_.begin();
      std::deque<std::string>& pieces = first->second;
      if (!has_begun_) out += session_of(server, first->first) + "\n";
      has_begun_ = !pieces.empty();
      if (has_begun_) {
        out += pieces.front();
        pieces.pop_front();
      }
      if (!pieces.empty()) continue;
      has_begun_ = false;
      pieces_.erase(first);
    }
    if (!pieces_.empty()) return true;
    out += "\n";
    return false;
  }

 private:
  static constexpr std::size_t kPieceBytes = 32 * 1024;

  std::string& piece_of(watch::WatcherId watcher) {
    std::deque<std::string>& pieces = pieces_[watcher];
    if (pieces.empty() || pieces.back().size() > kPieceBytes) pieces.emplace_back();
    return pieces.back();
  }

  std::size_t part_ = 0;
  std::map<watch::WatcherId, std::deque<std::string>> pieces_;
  bool has_begun_ = false;
};

}  // namespace

std::string answer_wchs(const Question& question) {
  const watch::WatchTable& watches = table(question.server);
  return fmt::format("{} connections watching {} paths\nTotal watches:{}\n", watches.watcher_count(),
                     watches.path_count(), watches.size());
}

std::unique_ptr<server::LongAnswer> long_answer_wchc(const Question& question) {
  auto steps = std::make_unique<Steps>();
  auto paths = std::make_shared<PathsByWatcher>();
  server::Server& server = question.server;
  steps->add([&server, paths](std::string&) { return paths->read_table(server); });
  steps->add([&server, paths](std::string& out) { return paths->append_more(server, out); });
  return steps;
}

std::unique_ptr<server::LongAnswer> long_answer_wchp(const Question& question) {
  auto steps = std::make_unique<Steps>();
  steps->add([&server = question.server, part = std::size_t{0}](std::string& out) mutable {
    const bool is_first = part == 0;
    auto some = next_entries(server, part);
    // A short answer is sorted. In a long answer the watchers of one path are adjacent but paths are unordered, as in
    // Apache's.
    if (is_first && part == watch::WatchTable::kParts)
      std::sort(some.begin(), some.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.path, a.watcher) < std::tie(b.path, b.watcher);
      });
    const auto to = std::back_inserter(out);
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (i == 0 || some[i].path != some[i - 1].path) fmt::format_to(to, "{}\n", shown(some[i].path));
      fmt::format_to(to, "\t{}\n", session_of(server, some[i].watcher));
    }
    if (part < watch::WatchTable::kParts) return true;
    out += "\n";
    return false;
  });
  return steps;
}

}  // namespace quoll::admin
