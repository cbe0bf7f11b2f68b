#include "config/keys.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "config/keys_admin.h"
#include "config/keys_ensemble.h"
#include "config/keys_security.h"
#include "config/keys_storage.h"

namespace quoll::config {
namespace {

struct Page {
  std::string_view title;
  std::span<const Key> rows;
};

constexpr Page kPages[] = {
    {"Folders, ports and sessions", table::kBasics},
    {"Transaction log and snapshots", table::kStorage},
    {"Purging", table::kPurge},
    {"Batching of writes", table::kBatching},
    {"Znodes", table::kZnodes},
    {"Limits and caches", table::kLimits},
    {"Throttling of requests", table::kRequestThrottle},
    {"Throttling of connections", table::kConnectionThrottle},
    {"Network", table::kNetwork},
    {"Authentication", table::kAuth},
    {"SASL", table::kSasl},
    {"TLS for clients", table::kTls},
    {"Four-letter words", table::kFourLetterWords},
    {"Logging", table::kLogging},
    {"HTTP admin server", table::kAdmin},
    {"Metrics", table::kMetrics},
    {"Audit", table::kAudit},
    {"Ensembles", table::kEnsemble},
    {"Ensembles: reconfiguration and read-only mode", table::kReconfig},
    {"Ensembles: election, leader, followers, observers", table::kElection},
    {"Ensembles: security between servers", table::kQuorumSecurity},
    {"Kerberos", table::kKerberos},
    {"Watches", table::kWatches},
    {"Pipeline", table::kPipeline},
    {"Java", table::kJvm},
    {"Clients", table::kClients},
    {"Tests", table::kTesting},
};

constexpr std::size_t count_rows() {
  std::size_t count = 0;
  for (const auto& page : kPages) count += page.rows.size();
  return count;
}

constexpr auto kTable = [] {
  std::array<Key, count_rows()> all{};
  std::size_t at = 0;
  for (const auto& page : kPages) {
    for (const auto& key : page.rows) {
      all[at] = key;
      all[at].group = page.title;
      ++at;
    }
  }
  return all;
}();

constexpr bool names_differ() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (kTable[i].name == kTable[j].name) return false;
    }
  }
  return true;
}
static_assert(names_differ(), "a key is in the table twice");

const Key* find_where(std::string_view name, auto&& matches) {
  const Key* family = nullptr;
  for (const auto& key : kTable) {
    if (!matches(key)) continue;
    if (!key.family && key.name == name) return &key;
    if (key.family && name.size() > key.name.size() && name.starts_with(key.name)) family = &key;
  }
  return family;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The number of insertions, deletions, changes and swaps of neighbours between two texts, ignoring case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

struct OtherName {
  std::string_view manual;
  std::string_view real;
};

// Names that Apache's manual uses for keys but its server does not read.
constexpr OtherName kOtherNames[] = {
    {"connectionMaxTokens", "connection_throttle_tokens"},
    {"connectionTokenFillTime", "connection_throttle_fill_time"},
    {"connectionTokenFillCount", "connection_throttle_fill_count"},
    {"connectionFreezeTime", "connection_throttle_freeze_time"},
    {"connectionDropIncrease", "connection_throttle_drop_increase"},
    {"connectionDropDecrease", "connection_throttle_drop_decrease"},
    {"connectionDecreaseRatio", "connection_throttle_decrease_ratio"},
    {"requestThrottleLimit", "request_throttle_max_requests"},
    {"requestThrottleStallTime", "request_throttle_stall_time"},
    {"requestThrottleDropStale", "request_throttle_drop_stale"},
    {"requestStaleLatencyCheck", "request_stale_latency_check"},
    {"requestStaleConnectionCheck", "request_stale_connection_check"},
    {"throttledOpWaitTime", "throttled_op_wait_time"},
    {"advancedFlowControlEnabled", "netty.advancedFlowControl.enabled"},
    {"outstandingHandshake.limit", "netty.server.outstandingHandshake.limit"},
    {"maxConcurrentSnapSyncs", "leader.maxConcurrentSnapSyncs"},
    {"maxConcurrentDiffSyncs", "leader.maxConcurrentDiffSyncs"},
    {"maxTimeToWaitForEpoch", "leader.maxTimeToWaitForEpoch"},
};

}  // namespace

std::span<const Key> keys() {
  return kTable;
}

const Key* find_in_file(std::string_view name) {
  return find_where(name, [](const Key&) { return true; });
}

const Key* find_property(std::string_view property) {
  constexpr std::string_view kPrefix = "zookeeper.";
  const Key* flag = find_where(property, [](const Key& key) { return key.place == Place::flag; });
  if (flag != nullptr || !property.starts_with(kPrefix)) return flag;
  return find_where(property.substr(kPrefix.size()), [](const Key& key) { return key.place == Place::anywhere; });
}

const Key& row(std::string_view name) {
  const auto* found = std::ranges::find(kTable, name, &Key::name);
  QUOLL_CHECK(found != kTable.end(), name);
  return *found;
}

std::string nearest_key(std::string_view name) {
  for (const auto& other : kOtherNames) {
    if (name.size() == other.manual.size() && edit_distance(name, other.manual) == 0) return std::string(other.real);
  }
  std::string_view nearest;
  std::size_t least = std::min<std::size_t>(3, 1 + name.size() / 5) + 1;
  for (const auto& key : kTable) {
    const std::size_t longer = std::max(name.size(), key.name.size()) - std::min(name.size(), key.name.size());
    if (key.family || longer >= least) continue;
    if (const auto distance = edit_distance(name, key.name); distance < least) {
      least = distance;
      nearest = key.name;
    }
  }
  return std::string(nearest);
}

}  // namespace quoll::config
