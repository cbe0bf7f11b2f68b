#include "http/port.h"

#include <algorithm>

namespace quoll::http {

namespace {
constexpr std::int64_t kOverdueCheckMs = 1000;
}

Port::~Port() = default;

std::expected<void, std::string> Port::open(env::ListenOptions at) {
  at.accepts_per_second_max = options_.accepts_per_second_max;
  auto listener = env_.network.listen(
      at, [this](std::unique_ptr<env::Connection> transport) { return accept(std::move(transport)); });
  if (!listener) return std::unexpected(listener.error());
  listener_ = std::move(*listener);
  listener_->start_accepting();
  return {};
}

env::ConnectionHandler* Port::accept(std::unique_ptr<env::Connection> transport) {
  if (connections_.size() >= options_.connections_max && !make_room()) return nullptr;
  const std::uint64_t id = next_id_++;
  auto& made = connections_[id];
  made = std::make_unique<Connection>(*this, id, std::move(transport));
  close_overdue_later();
  return made.get();
}

bool Port::make_room() {
  const Connection* longest = nullptr;
  for (const auto& [id, connection] : connections_) {
    if (!connection->waits_for_request()) continue;
    if (longest == nullptr || connection->waiting_since_ms() < longest->waiting_since_ms()) longest = connection.get();
  }
  if (longest == nullptr) return false;
  remove(*longest);
  return true;
}

void Port::remove(const Connection& connection) {
  auto found = connections_.extract(connection.id());
  if (found.empty()) return;
  closed_.push_back(std::move(found.mapped()));
  end_call_.post(env_.timers, [this] { closed_.clear(); });
}

void Port::give_turn(Connection& connection) {
  waiting_.push_back(connection.id());
  next_turn_later();
}

void Port::next_turn_later() {
  if (waiting_.empty() || rest_ != nullptr) return;
  if (worked_us_ < options_.work_us) return turn_call_.post(env_.timers, [this] { next_turn(); });
  const std::int64_t rest_ms = std::max<std::int64_t>(1, worked_us_ * options_.rest_factor / 1000);
  worked_us_ = 0;
  rest_ = env_.timers.after(rest_ms, [this] {
    rest_.reset();
    next_turn_later();
  });
}

void Port::next_turn() {
  if (waiting_.empty()) return;
  const std::int64_t began_us = env_.clock.elapsed_us();
  const auto found = connections_.find(waiting_.front());
  waiting_.pop_front();
  if (found != connections_.end()) found->second->take_turn();
  worked_us_ += env_.clock.elapsed_us() - began_us;
  next_turn_later();
}

void Port::close_overdue_later() {
  if (overdue_timer_ != nullptr || connections_.empty()) return;
  overdue_timer_ = env_.timers.after(kOverdueCheckMs, [this] {
    overdue_timer_.reset();
    close_overdue();
    close_overdue_later();
  });
}

void Port::close_overdue() {
  const std::int64_t latest_ms = env_.clock.elapsed_ms() - options_.idle_ms;
  std::vector<const Connection*> late;
  for (const auto& [id, connection] : connections_) {
    if (connection->is_waiting() && connection->waiting_since_ms() < latest_ms) late.push_back(connection.get());
  }
  for (const Connection* const connection : late) remove(*connection);
}

}  // namespace quoll::http
