// wchs, wchc, wchp: data watches in total, by session and by path. As in Apache's server, child watches are not
// printed.
#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "admin/steps.h"
#include "admin/watch_lists.h"
#include "admin/words.h"

namespace quoll::admin {

namespace {

std::string session_text(const server::Server& server, watch::WatcherId watcher) {
  return fmt::format("0x{:x}", static_cast<std::uint64_t>(session_of(server, watcher)));
}

}  // namespace

std::string answer_wchs(const Question& question) {
  const watch::WatchTable& watches = question.server.core().state.data_watches;
  return fmt::format("{} connections watching {} paths\nTotal watches:{}\n", watches.watcher_count(),
                     watches.path_count(), watches.size());
}

std::unique_ptr<server::LongAnswer> long_answer_wchc(const Question& question) {
  auto steps = std::make_unique<Steps>();
  auto paths = std::make_shared<PathsByWatcher>();
  const server::Server& server = question.server;
  steps->add([&server, paths](std::string&) { return paths->read_table(server); });
  steps->add([&server, paths](std::string& out) {
    const bool has_more = paths->visit_next(
        [&](watch::WatcherId watcher) { out += session_text(server, watcher) + "\n"; },
        [&](std::string_view path) { fmt::format_to(std::back_inserter(out), "\t{}\n", path); }, [] {});
    if (!has_more) out += "\n";
    return has_more;
  });
  return steps;
}

std::unique_ptr<server::LongAnswer> long_answer_wchp(const Question& question) {
  auto steps = std::make_unique<Steps>();
  steps->add([&server = question.server, part = std::size_t{0}](std::string& out) mutable {
    const bool is_first = part == 0;
    auto some = next_watches(server, part);
    // A short answer is sorted. In a long answer the watchers of one path are adjacent but paths are unordered, as in
    // Apache's.
    if (is_first && part == watch::WatchTable::kParts)
      std::sort(some.begin(), some.end(), [](const WatchEntry& a, const WatchEntry& b) {
        return std::tie(a.path, a.watcher) < std::tie(b.path, b.watcher);
      });
    const auto to = std::back_inserter(out);
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (i == 0 || some[i].path != some[i - 1].path) fmt::format_to(to, "{}\n", shown_path(some[i].path));
      fmt::format_to(to, "\t{}\n", session_text(server, some[i].watcher));
    }
    if (part < watch::WatchTable::kParts) return true;
    out += "\n";
    return false;
  });
  return steps;
}

}  // namespace quoll::admin
