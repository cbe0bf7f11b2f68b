#include "server/client_sessions.h"

#include <algorithm>

#include "session/session_id.h"

namespace quoll::server {

namespace {

// No session expires at the first check. If the process or the machine has stood still, clients' input is still unread,
// including connections that are about to reattach to a session. So the check is repeated after a grace period as long
// as it was late, until it is late by less than the grace period it was given.
constexpr std::int64_t kGraceMsMin = 20;
constexpr std::int64_t kGraceMsMax = 1000;
// Sessions and ephemerals deleted in one turn. When many sessions expire at once, other clients are served in between.
constexpr std::size_t kClosesInOneTurn = 100;

}  // namespace

ClientSessions::ClientSessions(Core& core, Connections& connections, Requests& requests, Revalidate revalidate)
    : core_(core),
      connections_(connections),
      requests_(requests),
      revalidate_(std::move(revalidate)),
      ids_(core.env, core.options.session_server) {}

void ClientSessions::serve() {
  std::optional<SessionId> newest;
  for (const auto& [id, timeout_ms] : core_.state.sessions) {
    if (session::server_of(SessionId{id}) == core_.options.session_server)
      newest = SessionIds::later(newest, SessionId{id});
  }
  if (newest) ids_.pass(*newest);
}

void ClientSessions::lead() {
  const std::int64_t now_ms = core_.env.clock.elapsed_ms();
  for (const auto& [id, timeout_ms] : core_.state.sessions) core_.sessions.track(SessionId{id}, timeout_ms, now_ms);
  close_unlisted_sessions();
  wait_for_next();
}

void ClientSessions::rest() {
  timer_.reset();
  close_timer_.reset();
  expired_.clear();
  revalidating_.clear();
  grace_ms_ = 0;
  core_.sessions.clear();
  core_.touches.clear();
}

// A snapshot may contain an ephemeral without its session. Nothing else would ever delete it
// (org.apache.zookeeper.server.ZooKeeperServer.loadData).
void ClientSessions::close_unlisted_sessions() {
  std::int64_t kept = 0;
  for (const auto& [owner, owned] : core_.state.tree.ephemerals()) {
    if (core_.state.sessions.contains(owner)) continue;
    // Without extendedTypesEnabled the owner of a TTL node looks like a session.
    if (owner_kind(owner, OwnerRules{.extended = true}) == OwnerKind::ttl) {
      kept += static_cast<std::int64_t>(owned.size());
      continue;
    }
    core_.env.log.warn("Closing session 0x{:x}: it has {} ephemerals, and the snapshot did not list it",
                       static_cast<std::uint64_t>(owner), owned.size());
    expired_.emplace_back(owner);
  }
  if (kept > 0)
    core_.env.log.warn(
        "{} znodes have a TTL, but extendedTypesEnabled is false: they are kept as ephemerals without a session", kept);
  std::ranges::sort(expired_);
  close_expired();
}

void ClientSessions::on_connect(ClientConnection& from, const ConnectRequest& request) {
  if (request.last_zxid_seen > core_.zxid()) {
    core_.env.log.info(
        "Refusing session 0x{:x} of {}: it has seen zxid 0x{:x}, this server only 0x{:x}; the client must try another "
        "server",
        static_cast<std::uint64_t>(request.session_id), from.transport().peer().host,
        static_cast<std::uint64_t>(request.last_zxid_seen), static_cast<std::uint64_t>(core_.zxid()));
    return from.drop("the client has seen a later zxid than this server");
  }
  from.timeout_ms = core_.options.agreed_timeout_ms(request.timeout_ms);
  from.begin_connecting();
  if (request.session_id == 0) {
    open(from);
  } else {
    reattach(from, SessionId{request.session_id}, request.password.view());
  }
}

void ClientSessions::open(ClientConnection& from) {
  if (core_.writes_are_off) return from.drop("a new session must be logged, and the disk is full");
  const std::optional<SessionId> id = ids_.next();
  if (!id) return from.drop("the disk has not recorded more session ids");
  connections_.attach_session(*id, from);
  requests_.create_session(from);
  wait_for_next();
}

void ClientSessions::reattach(ClientConnection& from, SessionId id, std::string_view password) {
  ++core_.stats.metrics.connections_revalidated;
  if (!passwords_.is_right(id, password)) return refuse(from, id, "the password is wrong");
  // A session has one connection. The client of the older one has reconnected, or has died.
  if (ClientConnection* const older = connections_.of_session(id)) older->drop("its client has reconnected");
  if (core_.role == Role::learner) {
    revalidating_[id] = from.id();
    return revalidate_(id, from.timeout_ms);
  }
  if (!core_.sessions.touch(id, from.timeout_ms, core_.env.clock.elapsed_ms()))
    return refuse(from, id, "it is unknown or has expired");
  core_.sessions.set_owner(id, Proposer::kHere);
  connections_.attach_session(id, from);
  on_established(from);
  wait_for_next();
}

void ClientSessions::on_revalidated(SessionId session, bool is_valid) {
  const auto at = revalidating_.find(session);
  if (at == revalidating_.end()) return;
  ClientConnection* const from = connections_.find(at->second);
  revalidating_.erase(at);
  if (from == nullptr || from->phase() != ClientConnection::Phase::connecting) return;
  if (!is_valid) return refuse(*from, session, "it is unknown or has expired");
  if (ClientConnection* const older = connections_.of_session(session)) older->drop("its client has reconnected");
  connections_.attach_session(session, *from);
  on_established(*from);
}

void ClientSessions::refuse(ClientConnection& from, SessionId id, std::string_view why) {
  core_.env.log.info("Refusing session 0x{:x} of {}: {}", static_cast<std::uint64_t>(id.value()),
                     from.transport().peer().host, why);
  static constexpr char kNoPassword[16] = {};
  from.send_connect_response(ConnectResponse{0, 0, 0, std::string_view(kNoPassword, sizeof kNoPassword),
                                             from.read_only ? std::optional(false) : std::nullopt});
  from.close_after_replies();
}

void ClientSessions::on_established(ClientConnection& connection) {
  const std::string password = passwords_.of(connection.session);
  connection.send_connect_response(ConnectResponse{0, connection.timeout_ms, connection.session.value(), password,
                                                   connection.read_only ? std::optional(false) : std::nullopt});
  connection.stats.last_response_ms = core_.env.clock.elapsed_ms();
  if (connection.phase() == ClientConnection::Phase::connecting) connection.begin_serving();
}

void ClientSessions::on_closed(SessionId session) {
  core_.sessions.remove(session);
  core_.touches.remove(session);
  if (ClientConnection* const connection = connections_.of_session(session)) connection->drop("its session is closed");
}

void ClientSessions::expire() {
  // closeSession cannot be logged while the disk is full. Expired sessions stay until there is space, so a client that
  // returns finds its session.
  if (core_.writes_are_off) return check_again(core_.options.tick_ms);
  const std::int64_t late_ms = core_.env.clock.elapsed_ms() - due_ms_;
  if (late_ms > kGraceMsMax)
    core_.env.log.warn("The server stood still for about {} ms: clients' input is read before any session expires",
                       late_ms);
  // A stall may have happened between two checks.
  if ((grace_ms_ == 0 || late_ms >= grace_ms_)) {
    grace_ms_ = std::clamp(late_ms, kGraceMsMin, kGraceMsMax);
    return check_again(grace_ms_);
  }
  grace_ms_ = 0;
  const std::vector<SessionId> due = core_.sessions.expire(core_.env.clock.elapsed_ms());
  expired_.insert(expired_.end(), due.begin(), due.end());
  close_expired();
  wait_for_next();
}

void ClientSessions::close_expired() {
  std::size_t ends = 0;
  while (!expired_.empty() && ends < kClosesInOneTurn && !core_.writes_are_off) {
    const SessionId id = expired_.front();
    expired_.pop_front();
    if (core_.state.sessions.contains(id.value())) {
      core_.env.log.info("Expiring session 0x{:x}: nothing was received from its client for longer than the timeout",
                         static_cast<std::uint64_t>(id.value()));
      ++core_.stats.metrics.sessions_expired;
    }
    const auto* const owned = core_.state.tree.ephemerals_of(id.value());
    ends += 1 + (owned == nullptr ? 0 : owned->size());
    requests_.close_session(id);
  }
  close_timer_.reset();
  if (expired_.empty()) return;
  close_timer_ = core_.env.timers.after(core_.writes_are_off ? core_.options.tick_ms : 0, [this] { close_expired(); });
}

void ClientSessions::wait_for_next() {
  if (core_.role != Role::leader) return;
  const std::int64_t due_ms = core_.sessions.next_expiry_ms();
  // The second check is scheduled already.
  if (grace_ms_ > 0) return;
  if (due_ms == INT64_MAX) {
    timer_.reset();
    return;
  }
  // Buckets are whole ticks, so at most one check per tick is needed.
  const std::int64_t delay_ms = std::max<std::int64_t>(1, due_ms - core_.env.clock.elapsed_ms());
  check_again(delay_ms);
}

void ClientSessions::check_again(std::int64_t delay_ms) {
  due_ms_ = core_.env.clock.elapsed_ms() + delay_ms;
  timer_ = core_.env.timers.after(delay_ms, [this] { expire(); });
}

}  // namespace quoll::server
