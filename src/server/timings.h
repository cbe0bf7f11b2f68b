// Durations as histograms: unlike the summaries of metrics.h, those of several servers can be added, and quantiles can
// be computed over any stretch of time. To add one costs a few comparisons and no memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include "types/ids.h"

namespace quoll::server {

class Histogram {
 public:
  // Upper bounds, in microseconds; what is longer than the last one counts in the sum and the count alone.
  static constexpr std::array<std::int64_t, 15> kBoundsUs{100,     250,     500,       1'000,     2'500,
                                                          5'000,   10'000,  25'000,    50'000,    100'000,
                                                          250'000, 500'000, 1'000'000, 2'500'000, 10'000'000};

  void add_us(std::int64_t duration_us) {
    std::size_t bucket = 0;
    while (bucket < kBoundsUs.size() && duration_us > kBoundsUs[bucket]) ++bucket;
    ++counts_[bucket];
    ++count_;
    sum_us_ += duration_us;
  }
  // How many durations were at most kBoundsUs[i].
  [[nodiscard]] std::int64_t at_most(std::size_t i) const {
    return std::accumulate(counts_.begin(), counts_.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::int64_t{0});
  }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] std::int64_t sum_us() const { return sum_us_; }

 private:
  std::array<std::int64_t, kBoundsUs.size() + 1> counts_{};  // by bound; the last one is of what is longer
  std::int64_t count_ = 0;
  std::int64_t sum_us_ = 0;
};

// The time between the arrival of writes at a leader and the commits of their proposals. Proposals commit in their
// order, so a ring holds those under way; while it is full, further ones are not measured.
class CommitTimes {
 public:
  void on_propose(Zxid zxid, std::int64_t received_us) {
    if (newest_ - oldest_ == kUnderWayMax) return;
    ring_[newest_++ % kUnderWayMax] = {zxid, received_us};
  }
  // Everything up to `zxid` is committed.
  void on_commit(Zxid zxid, std::int64_t now_us, Histogram& durations) {
    while (!is_empty() && ring_[oldest_ % kUnderWayMax].zxid <= zxid)
      durations.add_us(now_us - ring_[oldest_++ % kUnderWayMax].since_us);
  }
  [[nodiscard]] bool is_empty() const { return oldest_ == newest_; }
  // The server does not lead any more.
  void forget() { oldest_ = newest_; }

 private:
  struct UnderWay {
    Zxid zxid;
    std::int64_t since_us = 0;
  };
  static constexpr std::size_t kUnderWayMax = 1024;
  std::array<UnderWay, kUnderWayMax> ring_{};
  std::size_t oldest_ = 0;
  std::size_t newest_ = 0;
};

// Nothing resets them (`srst` does not): what reads them computes differences.
struct Timings {
  Histogram loop_delay;  // how late the loop was for a timer
  Histogram log_flush;   // a write and fdatasync of the log
  Histogram commit;      // on a leader, between the arrival of a write and its commit
  Histogram read;        // between a request of this server's clients and the answer
  Histogram write;
};

}  // namespace quoll::server
