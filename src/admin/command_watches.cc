// watches, watches_by_path, watch_summary: data watches by session, by path and in total.
#include <algorithm>
#include <fmt/format.h>

#include "admin/command.h"
#include "admin/watch_lists.h"

namespace quoll::admin {

void command_watch_summary(const CommandQuestion& question, JsonText& json) {
  const watch::WatchTable& watches = question.about.server.core().state.data_watches;
  json.field("num_connections", watches.watcher_count());
  json.field("num_paths", watches.path_count());
  json.field("num_total_watches", watches.size());
}

void command_watches(const CommandQuestion& question, JsonSteps& steps) {
  const server::Server& server = question.about.server;
  auto paths = std::make_shared<PathsByWatcher>();
  steps.add([&server, paths](JsonText&) { return paths->read_table(server); });
  steps.once([](JsonText& json) {
    json.key("session_id_to_watched_paths");
    json.begin_object();
  });
  steps.add([&server, paths](JsonText& json) {
    return paths->visit_next(
        [&](watch::WatcherId watcher) {
          json.key(fmt::format("{}", session_of(server, watcher)));
          json.begin_array();
        },
        [&](std::string_view path) { json.value(path); }, [&] { json.end_array(); });
  });
  steps.once([](JsonText& json) { json.end_object(); });
}

void command_watches_by_path(const CommandQuestion& question, JsonSteps& steps) {
  steps.once([](JsonText& json) {
    json.key("path_to_session_ids");
    json.begin_object();
  });
  steps.add([&server = question.about.server, part = std::size_t{0}](JsonText& json) mutable {
    auto some = next_watches(server, part);
    // All watches of a path are in one part of the table.
    std::ranges::stable_sort(some, {}, &WatchEntry::path);
    for (std::size_t i = 0; i < some.size(); ++i) {
      if (i == 0 || some[i].path != some[i - 1].path) {
        if (i > 0) json.end_array();
        json.key(shown_path(some[i].path));
        json.begin_array();
      }
      json.value(session_of(server, some[i].watcher));
    }
    if (!some.empty()) json.end_array();
    return part < watch::WatchTable::kParts;
  });
  steps.once([](JsonText& json) { json.end_object(); });
}

}  // namespace quoll::admin
