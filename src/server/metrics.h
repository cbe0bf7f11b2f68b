// Measurements, stored so that adding one is cheap. The admin room has Apache's names for them and prints them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"

namespace quoll::server {

using Counter = std::int64_t;

// Minimum, maximum, sum and count of a series of values.
class Summary {
 public:
  void add(std::int64_t value) {
    if (count_ == 0 || value < min_) min_ = value;
    if (count_ == 0 || value > max_) max_ = value;
    sum_ += value;
    recent_[static_cast<std::size_t>(count_) % kRecent] = value;
    ++count_;
  }
  void reset() { *this = Summary(); }
  [[nodiscard]] std::int64_t min() const { return min_; }
  [[nodiscard]] std::int64_t max() const { return max_; }
  [[nodiscard]] std::int64_t sum() const { return sum_; }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] double average() const {
    return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
  }
  // The last values, unordered: for a median.
  [[nodiscard]] std::span<const std::int64_t> recent() const {
    return {recent_.data(), std::min(static_cast<std::size_t>(count_), kRecent)};
  }

 private:
  static constexpr std::size_t kRecent = 8;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t count_ = 0;
  std::array<std::int64_t, kRecent> recent_{};
};

// A summary that also estimates percentiles, from a uniform sample of the values.
class AdvancedSummary {
 public:
  static constexpr std::size_t kSamplesMax = 4096;

  void add(std::int64_t value) {
    summary_.add(value);
    if (samples_.size() < kSamplesMax) {
      samples_.push_back(value);
      return;
    }
    const std::uint64_t at = dice_.below(static_cast<std::uint64_t>(summary_.count()));
    if (at < kSamplesMax) samples_[at] = value;
  }
  void reset() { *this = AdvancedSummary(); }
  [[nodiscard]] const Summary& summary() const { return summary_; }
  // Unordered.
  [[nodiscard]] const std::vector<std::int64_t>& samples() const { return samples_; }

 private:
  Summary summary_;
  std::vector<std::int64_t> samples_;
  base::Prng dice_{1};  // the choice of samples is no secret
};

// One measurement for each namespace (the first component of a path). Clients choose these names, so their number is
// limited; further ones are not measured.
template <typename Measure>
class ByNamespace {
 public:
  static constexpr std::size_t kNamespacesMax = 1000;
  static constexpr std::size_t kNameBytesMax = std::size_t{256} << 10;  // of all names together

  // nullptr if the limit of names is reached.
  Measure* find(std::string_view name) {
    const auto at = by_name_.find(name);
    if (at != by_name_.end()) return &at->second;
    if (by_name_.size() >= kNamespacesMax || name_bytes_ + name.size() > kNameBytesMax) return nullptr;
    name_bytes_ += name.size();
    return &by_name_.emplace(name, Measure()).first->second;
  }
  // Keeps the names, as in Apache's server.
  void reset() {
    for (auto& [name, measure] : by_name_) measure = Measure();
  }
  template <typename Visit>  // void(const std::string&, const Measure&)
  void for_each(Visit&& visit) const {
    for (const auto& [name, measure] : by_name_) visit(name, measure);
  }

 private:
  // Ordered: clients cannot choose names that make a lookup slow, as they could with a hash function that they know.
  std::map<std::string, Measure, std::less<>> by_name_;
  std::size_t name_bytes_ = 0;
};

struct Metrics {
  // Connections and sessions.
  Counter bytes_received = 0;
  Counter connection_requests = 0;      // connect requests that were accepted
  Counter connections_rejected = 0;     // by a limit or the throttle
  Counter connections_lost = 0;         // closed by the peer
  Counter connections_revalidated = 0;  // existing sessions reattached
  Counter sessionless_expired = 0;
  Counter sessions_expired = 0;
  Counter refused_while_not_serving = 0;
  Summary connection_token_deficit;

  // Requests.
  Counter requests_submitted = 0;
  Counter response_bytes = 0;  // of replies, except pings and session responses
  Counter watch_bytes = 0;
  Counter throttle_waits = 0;
  Counter throttled_ops = 0;
  Counter large_requests_rejected = 0;
  AdvancedSummary throttle_wait_ms;
  AdvancedSummary read_latency_ms;
  AdvancedSummary update_latency_ms;
  Counter changes_queued = 0;  // znodes changed by transactions that are proposed but not applied
  Counter changes_removed = 0;
  AdvancedSummary close_session_prepare_ms;
  Counter ensemble_auth_success = 0;
  Counter ensemble_auth_failure = 0;
  Counter ensemble_auth_skipped = 0;
  ByNamespace<Summary> written_bytes;
  ByNamespace<Summary> read_bytes;
  ByNamespace<Counter> quota_exceeded;

  // Number of watches that one event fires.
  Summary watches_on_created;
  Summary watches_on_deleted;
  Summary watches_on_changed;
  Summary watches_on_children;

  // The disk.
  Counter txns_logged = 0;
  Summary txns_in_flush;
  Summary fsync_ms;
  AdvancedSummary flush_ms;
  Summary snapshot_ms;
  Counter snapshot_errors = 0;
  Counter snapshots_rate_limited = 0;
  Summary restore_ms;
  Counter restore_errors = 0;
  Counter restores_rate_limited = 0;
  Counter writes_refused_disk_full = 0;
  Counter writes_refused_memory = 0;
  Counter connections_cut_off = 0;
  Counter unrecoverable_errors = 0;

  // The ensemble.
  Summary election_ms;            // from the beginning of an election until this server has found a leader
  Summary unavailable_ms;         // from the start, or the end of the last role, until clients are served
  Summary leader_unavailable_ms;  // the same where this server leads afterwards

  // The start.
  Summary recovery_ms;
  Summary recovery_snapshot_ms;
  Summary recovery_txns;
  Summary recovery_txns_ms;

  void reset() {
    auto written = std::move(written_bytes);
    auto read = std::move(read_bytes);
    auto quotas = std::move(quota_exceeded);
    *this = Metrics();
    written.reset(), read.reset(), quotas.reset();
    written_bytes = std::move(written), read_bytes = std::move(read), quota_exceeded = std::move(quotas);
  }
};

}  // namespace quoll::server
