#include "server/throttle.h"

#include <algorithm>
#include <utility>

namespace quoll::server {

ConnectionThrottle::ConnectionThrottle(const Throttles& options, std::int64_t now_ms)
    : options_(options),
      max_(options.connection_weights ? options.connection_tokens * options.weight_global_session
                                      : options.connection_tokens),
      fill_count_(options.connection_weights ? options.connection_fill_count * options.weight_global_session
                                             : options.connection_fill_count),
      tokens_(max_),
      last_fill_ms_(now_ms),
      last_freeze_ms_(now_ms) {}

bool ConnectionThrottle::admits(int tokens, std::int64_t now_ms, double dice) {
  if (max_ == 0) return true;
  const std::int64_t elapsed_ms = now_ms - last_fill_ms_;
  if (options_.connection_fill_ms > 0 && elapsed_ms > options_.connection_fill_ms) {
    // Computed in 64 bits: after weeks without requests Apache's int overflows, and it refuses all connections
    // (ZOOKEEPER-4933).
    const std::int64_t refill = elapsed_ms / options_.connection_fill_ms * fill_count_;
    tokens_ = static_cast<int>(std::min<std::int64_t>(max_, tokens_ + refill));
    last_fill_ms_ = now_ms;
  }
  if (options_.connection_freeze_ms != -1 && now_ms - last_freeze_ms_ > options_.connection_freeze_ms) {
    if (tokens_ < tokens && drop_ < 1) {
      last_freeze_ms_ = now_ms;
      drop_ = std::min(1.0, drop_ + options_.connection_drop_increase);
    } else if (tokens_ >= static_cast<int>(max_ * options_.connection_decrease_ratio) && drop_ > 0) {
      last_freeze_ms_ = now_ms;
      drop_ = std::max(0.0, drop_ - options_.connection_drop_decrease);
    }
  }
  if (tokens_ < tokens || dice < drop_) return false;
  tokens_ -= tokens;
  return true;
}

Throttle::Throttle(const Core& core, Metrics& metrics)
    : core_(core), metrics_(metrics), connections_(core.options.throttles, core.env.clock.elapsed_ms()) {}

bool Throttle::are_too_many() const {
  return core_.options.limits.are_too_many(static_cast<std::int64_t>(queue_.size()), bytes_);
}

bool Throttle::keeps(ClientConnection& from, const RequestHeader& header, std::string_view body,
                     std::int64_t in_progress) {
  const int most = core_.options.throttles.requests_max;
  if (most <= 0 || (queue_.empty() && in_progress < most)) return false;
  ++metrics_.throttle_waits;
  queue_.push_back(
      ThrottledRequest{from.id(), header, std::string(body), core_.env.clock.elapsed_ms(), from.identities.size()});
  bytes_ += static_cast<std::int64_t>(body.size());
  from.throttled_bytes += static_cast<std::int64_t>(body.size());
  if (are_too_many_of(from)) from.hold(ReadGate::Reason::throttled);
  if (are_too_many()) {
    from.hold(ReadGate::Reason::throttled);
    held_.push_back(from.id());
  }
  return true;
}

std::optional<Throttle::ThrottledRequest> Throttle::next(std::int64_t in_progress) {
  if (queue_.empty() || in_progress >= core_.options.throttles.requests_max) return std::nullopt;
  ThrottledRequest waiter = std::move(queue_.front());
  queue_.pop_front();
  bytes_ -= static_cast<std::int64_t>(waiter.body.size());
  return waiter;
}

bool Throttle::are_too_many_of(const ClientConnection& connection) const {
  return connection.throttled_bytes >= core_.options.limits.waiting_bytes_max;
}

void Throttle::note_left(ClientConnection& connection, std::size_t bytes) {
  connection.throttled_bytes -= static_cast<std::int64_t>(bytes);
  if (!are_too_many() && !are_too_many_of(connection)) connection.release_later(ReadGate::Reason::throttled);
}

void Throttle::release_held(Connections& connections) {
  if (held_.empty() || are_too_many()) return;
  connections.release(std::exchange(held_, {}), ReadGate::Reason::throttled);
}

bool Throttle::is_too_late(const ThrottledRequest& waiter) {
  const std::int64_t waited_ms = core_.env.clock.elapsed_ms() - waiter.since_ms;
  metrics_.throttle_wait_ms.add(waited_ms);
  const std::int64_t most_ms = core_.options.throttles.op_wait_ms;
  const auto op = static_cast<OpCode>(waiter.header.type);
  const bool may_be_refused = op != OpCode::ping && op != OpCode::close_session && op != OpCode::create_session;
  if (!may_be_refused || most_ms <= 0 || waited_ms <= most_ms) return false;
  ++metrics_.throttled_ops;
  return true;
}

}  // namespace quoll::server
