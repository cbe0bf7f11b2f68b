// What a server counts of its own work, under Apache's ideas of latency and packets (org.apache.zookeeper.server.ServerStats).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace quoll::server {

// Least, most, sum and count of a series of values.
class Summary {
 public:
  void add(std::int64_t value) {
    if (count_ == 0 || value < min_) min_ = value;
    if (count_ == 0 || value > max_) max_ = value;
    sum_ += value;
    ++count_;
  }
  void reset() { *this = Summary(); }
  [[nodiscard]] std::int64_t min() const { return min_; }
  [[nodiscard]] std::int64_t max() const { return max_; }
  [[nodiscard]] std::int64_t sum() const { return sum_; }
  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] double average() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }

 private:
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t count_ = 0;
};

struct ServerStats {
  Summary latency_ms;
  std::int64_t packets_received = 0;
  std::int64_t packets_sent = 0;
  std::int64_t bytes_received = 0;
  std::int64_t last_response_bytes = -1;
  std::int64_t min_response_bytes = -1;
  std::int64_t max_response_bytes = -1;
  std::int64_t auth_failures = 0;
  std::int64_t fsync_threshold_exceeded = 0;

  void on_response(std::int64_t bytes) {
    last_response_bytes = bytes;
    if (min_response_bytes < 0 || bytes < min_response_bytes) min_response_bytes = bytes;
    if (bytes > max_response_bytes) max_response_bytes = bytes;
  }
};

// Of one connection, as `cons` shows it.
struct ConnectionStats {
  std::int64_t established_wall_ms = 0;
  std::int64_t packets_received = 0;
  std::int64_t packets_sent = 0;
  Summary latency_ms;
  std::string_view last_op = "NA";
  std::int64_t last_cxid = -1;
  std::int64_t last_zxid = -1;
  std::int64_t last_response_ms = 0;  // elapsed clock
  std::int64_t last_latency_ms = 0;

  void reset() {
    const std::int64_t established = established_wall_ms;
    *this = ConnectionStats();
    established_wall_ms = established;
  }
};

}  // namespace quoll::server
