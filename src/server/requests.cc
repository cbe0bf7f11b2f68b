#include "server/requests.h"

#include <optional>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "machine/ops/table.h"
#include "machine/read.h"
#include "server/request_metrics.h"
#include "wire/client_frames.h"
#include "wire/txn_record.h"

namespace quoll::server {

namespace {

const auth::Identities kNobody;

// What the client has proven while a request waited does not count for it: in Apache's server a request keeps the list
// that it came with.
const auth::Identities& at_arrival(ClientConnection& from, std::size_t count) {
  return from.first_identities(count);
}

}  // namespace

Requests::Requests(Core& core, Connections& connections, Callbacks callbacks)
    : core_(core),
      connections_(connections),
      callbacks_(std::move(callbacks)),
      applier_(core.state, core.options.rules, *this) {}

void Requests::submit(ClientConnection& from, const RequestHeader& header, std::string_view body,
                      std::size_t identities) {
  const auto op = static_cast<OpCode>(header.type);
  const machine::ops::Operation* const operation = machine::ops::find(op);
  if (!wire::is_client_opcode(op) || operation == nullptr) {
    // As Apache: replies with zxid -1 and closes the connection.
    from.send_reply(ReplyHeader{header.xid, -1, static_cast<std::int32_t>(Error::unimplemented)}, nullptr);
    from.close_after_replies();
    return;
  }
  // A session that is expiring or closing gets no replies any more.
  ++core_.stats.metrics.requests_submitted;
  if (!core_.sessions.touch(from.session, from.timeout_ms, core_.env.clock.elapsed_ms())) return;
  if (operation->prepare != nullptr) return submit_write(from, header, body, identities);
  const std::int64_t now_us = core_.env.clock.elapsed_us();
  if (from.waiting.empty()) return read_now(from, header, body, now_us, identities);
  enqueue(from, QueuedRequest{QueuedRequest::Kind::read, header, 0, std::string(body), Error::ok, now_us,
                              static_cast<std::int64_t>(body.size()), identities, owed_for(op, body)});
}

std::int64_t Requests::owed_for(OpCode op, std::string_view body) const {
  constexpr std::int64_t kReplyBytes = 256;
  constexpr std::int64_t kEntryBytes = 64;
  switch (op) {
    case OpCode::multi_read:
    case OpCode::get_ephemerals:
    case OpCode::set_watches:
    case OpCode::set_watches2:
      return core_.options.limits.owed_bytes_max;
    case OpCode::exists:
    case OpCode::get_data:
    case OpCode::get_acl:
    case OpCode::get_children:
    case OpCode::get_children2:
      break;
    default:
      return kReplyBytes;
  }
  base::NullableView path;  // the first field of all these requests
  wire::Reader(body, core_.options.limits.buffer_bytes_max).get(path);
  const tree::NodeId id = path.is_null() ? tree::kNoNode : core_.state.tree.find(path.view());
  if (id == tree::kNoNode) return kReplyBytes;
  const tree::Node& node = core_.state.tree.node(id);
  const bool lists = op == OpCode::get_children || op == OpCode::get_children2;
  const std::size_t entries = core_.state.tree.acl_of(id).entries().size() + (lists ? node.child_count : 0);
  const std::int64_t data_bytes = op == OpCode::get_data ? node.data_bytes() : 0;
  return kReplyBytes + data_bytes + kEntryBytes * static_cast<std::int64_t>(entries);
}

void Requests::enqueue(ClientConnection& from, QueuedRequest waiting) {
  bytes_ += waiting.bytes;
  large_bytes_ += large_bytes_of(waiting);
  ++in_progress_;
  ++from.outstanding;
  from.waiting_bytes += waiting.bytes;
  from.owed_bytes += waiting.owed_bytes;
  from.waiting.push_back(std::move(waiting));
  if (are_too_many() && !from.is_held_by(ReadGate::Reason::outstanding)) {
    from.hold(ReadGate::Reason::outstanding);
    held_.push_back(from.id());
  }
  limit_own_requests(from);
}

void Requests::limit_own_requests(ClientConnection& connection) {
  const Limits& limits = core_.options.limits;
  const bool are_too_many =
      connection.waiting_bytes >= limits.waiting_bytes_max || connection.owed_bytes >= limits.owed_bytes_max;
  if (are_too_many) {
    connection.hold(ReadGate::Reason::own_requests);
  } else {
    connection.release_later(ReadGate::Reason::own_requests);
  }
}

void Requests::finish(ClientConnection& connection, const QueuedRequest& waiting) {
  --in_progress_;
  --connection.outstanding;
  connection.waiting_bytes -= waiting.bytes;
  connection.owed_bytes -= waiting.owed_bytes;
  bytes_ -= waiting.bytes;
  large_bytes_ -= large_bytes_of(waiting);
}

std::int64_t Requests::large_bytes_of(const QueuedRequest& waiting) const {
  const std::int64_t least = core_.options.limits.large_request_bytes;
  return least < 0 || waiting.bytes <= least ? 0 : waiting.bytes;
}

bool Requests::are_too_many() const {
  return core_.options.limits.are_too_many(in_progress_, bytes_);
}

void Requests::forget(ClientConnection& connection) {
  for (const QueuedRequest& waiting : connection.waiting) finish(connection, waiting);
  connection.waiting.clear();
}

void Requests::release_held() {
  if (held_.empty() || are_too_many()) return;
  connections_.release(std::exchange(held_, {}), ReadGate::Reason::outstanding);
}

void Requests::submit_write(ClientConnection& from, const RequestHeader& header, std::string_view body,
                            std::size_t identities) {
  const auto op = static_cast<OpCode>(header.type);
  const std::int64_t now_us = core_.env.clock.elapsed_us();
  wire::Reader reader(body, core_.options.limits.buffer_bytes_max);
  auto decoded = wire::decode_body(op, reader);
  // A client cannot choose a session timeout above the maximum (docs/deviations.md).
  if (decoded && op == OpCode::create_session) {
    auto& timeout_ms = std::get<CreateSessionRequest>(*decoded).timeout_ms;
    timeout_ms = core_.options.agreed_timeout_ms(timeout_ms);
  }
  const zab::Leading* const leader = core_.leading();
  QUOLL_CHECK(leader != nullptr, "a standalone server that serves is the leader");
  // A request that cannot be decoded is not logged. Only a multi or a createSession takes a zxid then, as in Apache's
  // server.
  const bool takes_a_zxid =
      decoded || op == OpCode::create_session || (op == OpCode::multi && decoded.error() != wire::BodyError::broken);
  if (!takes_a_zxid) return refuse(from, header, Error::marshalling_error);
  // closeSession is accepted on a full disk: it frees space.
  if (core_.writes_are_off && op != OpCode::close_session) {
    ++core_.stats.metrics.writes_refused_disk_full;
    return refuse(from, header, Error::not_read_only);
  }
  const RequestBody nothing = EmptyRequest{};
  const machine::Request request{
      from.session, header.xid, op, decoded ? *decoded : nothing, at_arrival(from, identities), from.id()};
  const Zxid zxid = leader->next_zxid();
  const std::int64_t time_ms = core_.env.clock.wall_ms();
  const auto result = decoded ? core_.preparer.prepare(request, zxid, time_ms, core_.sessions.is_open(from.session))
                              : core_.preparer.refuse(request, zxid, time_ms, Error::marshalling_error);
  note_quota_exceeded(core_.stats.metrics, request.body, result);
  if (op == OpCode::close_session)
    core_.stats.metrics.close_session_prepare_ms.add((core_.env.clock.elapsed_us() - now_us) / 1000);
  if (op == OpCode::close_session) core_.sessions.set_closing(from.session);
  if (op == OpCode::create_session && decoded) {
    core_.sessions.track(from.session, std::get<CreateSessionRequest>(*decoded).timeout_ms,
                         core_.env.clock.elapsed_ms());
  }
  enqueue(from, QueuedRequest{QueuedRequest::Kind::commit,
                              header,
                              zxid.value(),
                              {},
                              Error::ok,
                              now_us,
                              static_cast<std::int64_t>(body.size())});
  propose(request, result);
}

void Requests::refuse(ClientConnection& from, const RequestHeader& header, Error err) {
  const std::int64_t now_us = core_.env.clock.elapsed_us();
  if (from.waiting.empty()) return answer(from, header, err, nullptr, now_us);
  enqueue(from, QueuedRequest{QueuedRequest::Kind::answer, header, 0, {}, err, now_us, 0});
}

void Requests::propose(const machine::Request& request, const machine::Preparer::Result& result) {
  for (const std::string& notice : result.notices) core_.env.log.warn("{}", notice);
  note_changes();
  const Zxid zxid{result.txn.header.zxid};
  std::string bytes;
  bytes.reserve(256);
  wire::append_txn(result.txn, bytes);
  proposals_.push_back(Proposal{zxid, request.watcher, request.op, result.error});
  zab::Effects effects;
  core_.peer->propose(core_.env.clock.elapsed_ms(), zxid, std::make_shared<const std::string>(std::move(bytes)),
                      effects);
  callbacks_.execute(effects);
}

void Requests::create_session(ClientConnection& connection) {
  ++core_.stats.metrics.requests_submitted;
  const RequestBody body = CreateSessionRequest{connection.timeout_ms};
  const machine::Request request{
      connection.session,      0, OpCode::create_session, body, connection.identities, connection.id(),
      machine::Request::server};
  const auto result = core_.preparer.prepare(request, core_.leading()->next_zxid(), core_.env.clock.wall_ms(), true);
  const RequestHeader header{0, static_cast<std::int32_t>(OpCode::create_session)};
  enqueue(
      connection,
      QueuedRequest{
          QueuedRequest::Kind::commit, header, result.txn.header.zxid, {}, Error::ok, core_.env.clock.elapsed_us(), 0});
  propose(request, result);
}

void Requests::close_session(SessionId session) {
  ++core_.stats.metrics.requests_submitted;
  core_.sessions.set_closing(session);
  const RequestBody body = EmptyRequest{};
  const machine::Request request{
      session, 0, OpCode::close_session, body, kNobody, ConnectionId{0}, machine::Request::server};
  propose(request, core_.preparer.prepare(request, core_.leading()->next_zxid(), core_.env.clock.wall_ms(), true));
}

void Requests::delete_container(std::string_view path) {
  ++core_.stats.metrics.requests_submitted;
  const RequestBody body = DeleteContainerRequest{path};
  const machine::Request request{
      SessionId{0}, 0, OpCode::delete_container, body, kNobody, ConnectionId{0}, machine::Request::server};
  propose(request, core_.preparer.prepare(request, core_.leading()->next_zxid(), core_.env.clock.wall_ms(), true));
}

void Requests::read_now(ClientConnection& from, const RequestHeader& header, std::string_view body,
                        std::int64_t received_us, std::size_t identities) {
  const auto op = static_cast<OpCode>(header.type);
  if (op == OpCode::ping) return answer(from, RequestHeader{kPingXid, header.type}, Error::ok, nullptr, received_us);
  wire::Reader reader(body, core_.options.limits.buffer_bytes_max);
  const auto decoded = wire::decode_body(op, reader);
  if (!decoded) return answer(from, header, Error::marshalling_error, nullptr, received_us);
  const machine::Request request{from.session, header.xid, op, *decoded, at_arrival(from, identities), from.id()};
  machine::Reading reading{request, core_.options.rules, core_.schemes, core_.state,
                           [&](watch::EventType type, std::string_view path) {
                             // The client chose the path, so it may contain any bytes.
                             send_event(from, type, base::java_round_trip(path), -1);
                           }};
  const machine::ReadResult result = machine::read(reading);
  if (result.err == Error::ok && result.body) note_read(core_.stats.metrics, core_.state.tree, *decoded, *result.body);
  answer(from, header, result.err, result.body ? &*result.body : nullptr, received_us);
}

void Requests::answer(ClientConnection& to, const RequestHeader& header, Error err, const ReplyBody* body,
                      std::int64_t received_us) {
  const std::int64_t bytes = to.send_reply(ReplyHeader{header.xid, core_.zxid(), static_cast<std::int32_t>(err)}, body);
  if (header.type != static_cast<std::int32_t>(OpCode::ping)) core_.stats.metrics.response_bytes += bytes;
  note_answer(to, header, received_us);
}

void Requests::note_answer(ClientConnection& to, const RequestHeader& header, std::int64_t received_us) {
  const std::int64_t now_us = core_.env.clock.elapsed_us();
  const std::int64_t latency_ms = (now_us - received_us) / 1000;
  core_.stats.latency_ms.add(latency_ms);
  ConnectionStats& stats = to.stats;
  stats.latency_ms.add(latency_ms);
  stats.last_latency_ms = latency_ms;
  stats.last_response_ms = now_us / 1000;
  // Pings and other special requests have negative xids; the last normal one is kept.
  if (header.xid >= 0) stats.last_cxid = header.xid;
  stats.last_zxid = core_.zxid();
  const auto* const operation = machine::ops::find(static_cast<OpCode>(header.type));
  if (operation == nullptr) return;
  stats.last_op = operation->tag;
  Metrics& metrics = core_.stats.metrics;
  (operation->prepare != nullptr ? metrics.update_latency_ms : metrics.read_latency_ms).add(latency_ms);
}

void Requests::note_changes() {
  const std::size_t now = core_.preparer.outstanding().size();
  Counter& counter = now > changes_ ? core_.stats.metrics.changes_queued : core_.stats.metrics.changes_removed;
  counter += static_cast<Counter>(now > changes_ ? now - changes_ : changes_ - now);
  changes_ = now;
}

void Requests::deliver(const zab::Deliver& delivery) {
  const auto txn = wire::decode_txn(*delivery.record);
  QUOLL_CHECK(txn.has_value(), "a transaction encoded by this server can be decoded");
  // Queued reads before a write of the same connection must see the state before the write.
  if (ClientConnection* const connection =
          proposals_.empty() ? nullptr : connections_.find(proposals_.front().connection))
    drain_before_write(*connection);
  // Events are written before the reply that makes the change visible: both use the same output, in this order.
  const machine::ApplyResult result = applier_.apply(*txn);
  core_.preparer.applied(delivery.zxid);
  note_changes();
  note_written(core_.stats.metrics, txn->body);
  QUOLL_CHECK(!proposals_.empty() && proposals_.front().zxid == delivery.zxid,
              "transactions are delivered in the order proposed");
  const Proposal proposal = proposals_.front();
  proposals_.pop_front();
  if (ClientConnection* const connection = connections_.find(proposal.connection)) {
    answer_commit(*connection, proposal, result);
    if (connection->phase() != ClientConnection::Phase::closing) drain(*connection);
  }
  if (static_cast<OpCode>(txn->header.type) == OpCode::close_session)
    callbacks_.on_session_closed(SessionId{txn->header.client_id});
}

void Requests::answer_commit(ClientConnection& to, const Proposal& proposal, const machine::ApplyResult& result) {
  QUOLL_CHECK(!to.waiting.empty() && to.waiting.front().zxid == proposal.zxid.value(),
              "replies are in the order of requests");
  const QueuedRequest waiting = std::move(to.waiting.front());
  to.waiting.pop_front();
  finish(to, waiting);
  if (proposal.op == OpCode::create_session && proposal.error == Error::ok) {
    note_answer(to, waiting.header, waiting.received_us);
    return callbacks_.on_session_created(to);
  }
  if (proposal.error != Error::ok) return answer(to, waiting.header, proposal.error, nullptr, waiting.received_us);
  const auto body = machine::reply_to(proposal.op, result);
  // The results of a multi contain its error; its reply header does not.
  const Error err = proposal.op == OpCode::multi ? Error::ok : result.err;
  answer(to, waiting.header, err, body ? &*body : nullptr, waiting.received_us);
  if (proposal.op == OpCode::close_session) to.close_after_replies();
}

bool Requests::answer_next(ClientConnection& connection) {
  if (connection.phase() == ClientConnection::Phase::closing || connection.waiting.empty() ||
      connection.waiting.front().kind == QueuedRequest::Kind::commit)
    return false;
  const QueuedRequest waiting = std::move(connection.waiting.front());
  connection.waiting.pop_front();
  finish(connection, waiting);
  if (waiting.kind == QueuedRequest::Kind::answer) {
    answer(connection, waiting.header, waiting.answer, nullptr, waiting.received_us);
  } else {
    read_now(connection, waiting.header, waiting.body, waiting.received_us, waiting.identities);
  }
  return true;
}

void Requests::drain(ClientConnection& connection) {
  if (connection.is_held_by(ReadGate::Reason::turn)) return;  // its turn is over
  Turn turn(core_.options.limits, core_.env.clock);
  while (!connection.awaits_drain()) {
    const std::size_t before = connection.held_bytes();
    if (!answer_next(connection)) break;
    turn.add(connection.held_bytes() - std::min(before, connection.held_bytes()));
    if (!turn.is_over()) continue;
    if (connection.phase() != ClientConnection::Phase::closing) connection.wait_for_turn();
    break;
  }
  if (connection.phase() != ClientConnection::Phase::closing) limit_own_requests(connection);
}

void Requests::drain_before_write(ClientConnection& connection) {
  // The queued reads were limited when they were read, but other clients may have enlarged the znodes since.
  while (answer_next(connection)) {
    if (connection.held_bytes() > core_.options.limits.queued_bytes_max)
      connection.drop("the replies to its queued reads exceed the limit");
  }
}

void Requests::send_event(ClientConnection& to, watch::EventType type, std::string_view path, std::int64_t zxid) {
  const WatcherEvent event{static_cast<std::int32_t>(type), watch::kSyncConnected, path};
  core_.stats.metrics.watch_bytes += to.send_event(ReplyHeader{kNotificationXid, zxid, 0}, event);
}

void Requests::on_event(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                        std::span<const watch::WatcherId> watchers) {
  note_watches(core_.stats.metrics, type, watchers.size());
  for (const watch::WatcherId id : watchers) {
    ClientConnection* const connection = connections_.find(id);
    if (connection == nullptr) continue;
    // A client that may not read the node gets no event (CVE-2024-23944).
    if (!core_.schemes.allows(acl, perm::kRead, connection->identities)) continue;
    send_event(*connection, type, path, zxid.value());
  }
}

}  // namespace quoll::server
