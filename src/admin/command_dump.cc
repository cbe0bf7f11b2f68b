// dump: when sessions expire, and who owns which ephemerals.
#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include "admin/command.h"
#include "admin/ephemeral_paths.h"

namespace quoll::admin {

namespace {

// Expiry time to session ids. A learner does not know when sessions expire, so its table is empty.
void add_expiry(const server::Server& server, JsonSteps& steps) {
  struct Bucket {
    std::int64_t due_ms;
    std::vector<SessionId> sessions;
  };
  std::vector<Bucket> buckets;
  for (const auto& [due_ms, ids] : server.core().sessions.buckets()) {
    buckets.push_back({due_ms, {ids.begin(), ids.end()}});
    std::ranges::sort(buckets.back().sessions);
  }
  steps.once([](JsonText& json) {
    json.key("expiry_time_to_session_ids");
    json.begin_object();
  });
  steps.add([buckets = std::move(buckets), bucket = std::size_t{0}, at = std::size_t{0}](JsonText& json) mutable {
    for (std::size_t written = 0; bucket < buckets.size() && written < kLinesInOneStep;) {
      const auto& [due_ms, sessions] = buckets[bucket];
      if (at == 0) {
        json.key(fmt::format("{}", due_ms));
        json.begin_array();
      }
      for (; at < sessions.size() && written < kLinesInOneStep; ++at, ++written) json.value(sessions[at].value());
      if (at < sessions.size()) return true;
      json.end_array();
      ++bucket;
      ++written;
      at = 0;
    }
    return bucket < buckets.size();
  });
  steps.once([](JsonText& json) { json.end_object(); });
}

void add_ephemerals(const tree::Tree& tree, JsonSteps& steps) {
  steps.once([](JsonText& json) {
    json.key("session_id_to_ephemeral_paths");
    json.begin_object();
  });
  steps.add([&tree, sessions = owners_of_ephemerals(tree), at = std::size_t{0},
             paths = std::optional<EphemeralPaths>()](JsonText& json) mutable {
    for (std::size_t written = 0; at < sessions.size() && written < kLinesInOneStep; ++written) {
      if (!paths) {
        paths.emplace(tree, sessions[at]);
        json.key(fmt::format("{}", sessions[at]));
        json.begin_array();
      }
      for (const std::string& path : paths->next()) {
        json.value(path);
        ++written;
      }
      if (paths->has_more()) continue;
      json.end_array();
      paths.reset();
      ++at;
    }
    return at < sessions.size();
  });
  steps.once([](JsonText& json) { json.end_object(); });
}

}  // namespace

void command_dump(const CommandQuestion& question, JsonSteps& steps) {
  add_expiry(question.about.server, steps);
  add_ephemerals(question.about.server.core().state.tree, steps);
}

}  // namespace quoll::admin
