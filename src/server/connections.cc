#include "server/connections.h"

#include <algorithm>

#include "auth/ip_address.h"
#include "base/utf8.h"

namespace quoll::server {

bool Connections::admits(const env::Address& peer) {
  const Limits& limits = core_.options.limits;
  if (limits.connections_max > 0 && by_id_.size() >= static_cast<std::size_t>(limits.connections_max)) {
    core_.env.log.error("Too many connections: {} of at most {} (maxCnxns); refusing {}", by_id_.size(),
                        limits.connections_max, peer.host);
    return false;
  }
  const auto at = by_host_.find(peer.host);
  if (limits.client_connections_max > 0 && at != by_host_.end() && at->second >= limits.client_connections_max) {
    core_.env.log.warn("Too many connections from {}: {} of at most {} (maxClientCnxns); refusing it", peer.host,
                       at->second, limits.client_connections_max);
    return false;
  }
  return true;
}

env::ConnectionHandler* Connections::accept(std::unique_ptr<env::Connection> transport) {
  if (!admits(transport->peer())) {
    ++core_.stats.metrics.connections_rejected;
    return nullptr;
  }
  const ConnectionId id{next_id_++};
  ++by_host_[transport->peer().host];
  const std::string host = auth::java_host_address(transport->peer().host);
  auto connection = std::make_unique<ClientConnection>(id, std::move(transport), handler_, core_.options.limits,
                                                       core_.stats, core_.in_flight);
  connection->identities.push_back(Id{"ip", host});
  connection->stats.established_wall_ms = core_.env.clock.wall_ms();
  connection->stats.last_response_ms = core_.env.clock.elapsed_ms();
  env::ConnectionHandler* const handler = connection.get();
  sessionless_.push_back(Sessionless{id, connection->stats.last_response_ms});
  by_id_.emplace(id, std::move(connection));
  return handler;
}

ClientConnection* Connections::look_up(ConnectionId id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second.get();
}

std::vector<ConnectionId> Connections::ids() const {
  std::vector<ConnectionId> all;
  all.reserve(by_id_.size());
  for (const auto& [id, connection] : by_id_) all.push_back(id);
  std::sort(all.begin(), all.end());
  return all;
}

ClientConnection* Connections::of_session(SessionId session) {
  const auto at = by_session_.find(session);
  return at == by_session_.end() ? nullptr : find(at->second);
}

void Connections::attach_session(SessionId session, ClientConnection& connection) {
  connection.session = session;
  by_session_[session] = connection.id();
}

void Connections::flush_outputs() {
  // A flush may close its connection; no further output is added by that.
  for (const ConnectionId id : with_output_) {
    if (ClientConnection* const connection = find(id)) connection->flush();
  }
  with_output_.clear();
}

void Connections::release(const std::vector<ConnectionId>& held, ReadGate::Reason reason) {
  for (const ConnectionId id : held) {
    if (ClientConnection* const connection = find(id)) connection->release(reason);
  }
}

void Connections::cut_off_largest() {
  if (nothing_to_cut_off_) return;
  BytesInFlight& in_flight = core_.in_flight;
  in_flight.refresh();
  const std::int64_t before = in_flight.total();
  using Holder = std::pair<std::size_t, ConnectionId>;
  std::vector<Holder> holders;
  for (const auto& [id, connection] : by_id_) {
    if (!connection->is_cut_off() && connection->held_bytes() > 0) holders.emplace_back(connection->held_bytes(), id);
  }
  std::ranges::make_heap(holders);
  const std::size_t first = cut_off_.size();
  while (in_flight.is_still_too_high() && !holders.empty()) {
    std::ranges::pop_heap(holders);
    find(holders.back().second)->cut_off();
    cut_off_.push_back(holders.back().second);
    holders.pop_back();
  }
  // The remaining bytes belong to connections that are closing and have a time limit of their own.
  nothing_to_cut_off_ = holders.empty();
  if (cut_off_.size() == first) return;
  core_.stats.metrics.connections_cut_off += static_cast<Counter>(cut_off_.size() - first);
  const ClientConnection& largest = *find(cut_off_[first]);
  core_.env.log.warn(
      "{} bytes are in flight from and to all clients, more than twice quoll.bytesInFlightMax ({}): closing the {} "
      "connections "
      "with the most, the largest {}:{} (session 0x{:x})",
      before, in_flight.bytes_max(), cut_off_.size() - first, largest.transport().peer().host,
      largest.transport().peer().port, static_cast<std::uint64_t>(largest.session.value()));
}

void Connections::drop_cut_off() {
  nothing_to_cut_off_ = false;
  for (const ConnectionId id : std::exchange(cut_off_, {})) {
    if (ClientConnection* const connection = find(id))
      connection->drop(
          "too many bytes were in flight for all clients, and this connection had the most (quoll.bytesInFlightMax)");
  }
}

void Connections::remove(ClientConnection& connection, std::string_view why) {
  const auto at = by_id_.find(connection.id());
  if (at == by_id_.end()) return;
  if (connection.is_lost()) ++core_.stats.metrics.connections_lost;
  core_.env.log.debug("Connection of {}:{} (session 0x{:x}) is over: {}", connection.transport().peer().host,
                      connection.transport().peer().port, static_cast<std::uint64_t>(connection.session.value()), why);
  core_.state.data_watches.remove_watcher(connection.id());
  core_.state.child_watches.remove_watcher(connection.id());
  forget_watches_later();
  const auto session = by_session_.find(connection.session);
  if (session != by_session_.end() && session->second == connection.id()) by_session_.erase(session);
  const auto host = by_host_.find(connection.transport().peer().host);
  if (host != by_host_.end() && --host->second == 0) by_host_.erase(host);
  closed_.push_back(std::move(at->second));
  by_id_.erase(at);
}

void Connections::forget_watches_later() {
  constexpr std::size_t kInOneTurn = 1000;
  if (forget_timer_ != nullptr) return;
  machine::State& state = core_.state;
  if (!state.data_watches.erase_removed(0) && !state.child_watches.erase_removed(0)) return;
  forget_timer_ = core_.env.timers.after(0, [this] {
    forget_timer_.reset();
    core_.state.data_watches.erase_removed(kInOneTurn);
    core_.state.child_watches.erase_removed(kInOneTurn);
    forget_watches_later();
  });
}

void Connections::destroy_closed() {
  closed_.clear();
}

void Connections::close_overdue() {
  const std::int64_t latest_ms = core_.env.clock.elapsed_ms() - core_.options.limits.sessionless_ms;
  for (; !sessionless_.empty() && sessionless_.front().since_ms < latest_ms; sessionless_.pop_front()) {
    ClientConnection* const connection = find(sessionless_.front().id);
    if (connection == nullptr || connection->phase() == ClientConnection::Phase::serving ||
        connection->phase() == ClientConnection::Phase::answering)
      continue;
    ++core_.stats.metrics.sessionless_expired;
    connection->drop("no session was established in time (nio.sessionlessCnxnTimeout)");
  }
}

void Connections::drop_all(std::string_view why) {
  for (const ConnectionId id : ids()) {
    if (ClientConnection* const connection = find(id)) connection->drop(why);
  }
}

void Connections::close_all() {
  drop_all("the server stops");
  destroy_closed();
}

}  // namespace quoll::server
