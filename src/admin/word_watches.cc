// wchs, wchc, wchp: data watches, in sum, by session and by path. As in Apache's server child watches are not told.
#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "admin/words.h"

namespace quoll::admin {

namespace {

struct Entry {
  std::string_view path;
  watch::WatcherId watcher;
};

const watch::WatchTable& table(const Question& question) {
  return question.server.core().state.data_watches;
}

std::vector<Entry> entries(const Question& question) {
  std::vector<Entry> all;
  all.reserve(table(question).size());
  table(question).for_each(
      [&](const std::string& path, watch::WatcherId watcher) { all.push_back(Entry{path, watcher}); });
  return all;
}

std::string_view shown(std::string_view path) {
  return path == watch::kNullPath ? "null" : path;
}

std::string session_of(const Question& question, watch::WatcherId watcher) {
  const server::ClientConnection* const connection = question.server.connections().find(watcher);
  return fmt::format("0x{:x}", connection == nullptr ? 0 : static_cast<std::uint64_t>(connection->session.value()));
}

}  // namespace

std::string say_wchs(const Question& question) {
  const watch::WatchTable& watches = table(question);
  return fmt::format("{} connections watching {} paths\nTotal watches:{}\n", watches.watcher_count(),
                     watches.path_count(), watches.size());
}

std::string say_wchc(const Question& question) {
  auto all = entries(question);
  std::sort(all.begin(), all.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.watcher, a.path) < std::tie(b.watcher, b.path); });
  std::vector<watch::WatcherId> watchers;
  table(question).for_each_watcher([&](watch::WatcherId watcher) { watchers.push_back(watcher); });
  std::sort(watchers.begin(), watchers.end());
  std::string out;
  auto next = all.begin();
  for (const watch::WatcherId watcher : watchers) {
    out += session_of(question, watcher) + "\n";
    for (; next != all.end() && next->watcher == watcher; ++next) out += fmt::format("\t{}\n", shown(next->path));
  }
  return out + "\n";
}

std::string say_wchp(const Question& question) {
  auto all = entries(question);
  std::sort(all.begin(), all.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.path, a.watcher) < std::tie(b.path, b.watcher); });
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i == 0 || all[i].path != all[i - 1].path) out += fmt::format("{}\n", shown(all[i].path));
    out += fmt::format("\t{}\n", session_of(question, all[i].watcher));
  }
  return out + "\n";
}

}  // namespace quoll::admin
