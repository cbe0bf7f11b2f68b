#include "server/requests.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "machine/ops/table.h"
#include "machine/read.h"
#include "server/audit.h"
#include "server/memory_monitor.h"
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

Requests::Requests(Core& core, Connections& connections, Proposer& proposer, Callbacks callbacks)
    : core_(core),
      connections_(connections),
      proposer_(proposer),
      callbacks_(std::move(callbacks)),
      events_(core, connections),
      applier_(core.state, core.options.rules, events_) {}

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
  // Read at the beginning of the turn, or after the request before.
  const std::int64_t now_us = core_.clock.last_us();
  // A session that is expiring or closing gets no replies any more.
  ++core_.stats.metrics.requests_submitted;
  if (!core_.touch_session(from.session, from.timeout_ms, now_us / 1000)) return;
  if (operation->prepare != nullptr) return submit_write(from, header, body, now_us, identities);
  if (op == OpCode::sync && core_.role == Role::learner) return submit_sync(from, header, body, now_us, identities);
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
  // Its write was the last one of this leader, which has closed all connections.
  if (from.phase() == ClientConnection::Phase::closing) return;
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
                            std::int64_t received_us, std::size_t identities) {
  const auto op = static_cast<OpCode>(header.type);
  wire::Reader reader(body, core_.options.limits.buffer_bytes_max);
  auto decoded = wire::decode_body(op, reader);
  // A client cannot choose a session timeout above the maximum (docs/deviations.md).
  if (decoded && op == OpCode::create_session) {
    auto& timeout_ms = std::get<CreateSessionRequest>(*decoded).timeout_ms;
    timeout_ms = core_.options.agreed_timeout_ms(timeout_ms);
  }
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
  if (core_.growth_is_off && decoded && makes_larger(*decoded, core_.state.tree)) {
    ++core_.stats.metrics.writes_refused_memory;
    return refuse(from, header, Error::quota_exceeded);
  }
  const RequestBody nothing = EmptyRequest{};
  const machine::Request request{
      from.session, header.xid, op, decoded ? *decoded : nothing, at_arrival(from, identities), from.id()};
  Zxid zxid;
  if (core_.role == Role::learner) {
    if (op == OpCode::close_session) core_.touches.set_closing(from.session);
    forward(from, header, body, request.identities);
  } else {
    zxid = decoded ? proposer_.propose(request, {received_us})
                   : proposer_.propose_refused(request, Error::marshalling_error, received_us);
  }
  enqueue(from, QueuedRequest{QueuedRequest::Kind::commit, header, zxid.value(),
                              core_.audit == nullptr ? std::string() : std::string(body), Error::ok, received_us,
                              static_cast<std::int64_t>(body.size())});
}

void Requests::submit_sync(ClientConnection& from, const RequestHeader& header, std::string_view body,
                           std::int64_t received_us, std::size_t identities) {
  forwarded_syncs_.push_back(from.id());
  forward(from, header, body, at_arrival(from, identities));
  enqueue(from, QueuedRequest{QueuedRequest::Kind::sync, header, 0, std::string(body), Error::ok, received_us,
                              static_cast<std::int64_t>(body.size()), identities, 0});
}

void Requests::forward(const ClientConnection& from, const RequestHeader& header, std::string_view body,
                       const auth::Identities& identities) {
  callbacks_.forward(ForwardedRequest{from.session, header.xid, static_cast<OpCode>(header.type), body, identities});
}

void Requests::refuse(ClientConnection& from, const RequestHeader& header, Error err) {
  const std::int64_t now_us = core_.env.clock.elapsed_us();
  if (from.waiting.empty()) return answer(from, header, err, nullptr, now_us);
  enqueue(from, QueuedRequest{QueuedRequest::Kind::answer, header, 0, {}, err, now_us, 0});
}

void Requests::create_session(ClientConnection& connection) {
  ++core_.stats.metrics.requests_submitted;
  const std::int64_t received_us = core_.clock.now_us();
  const RequestHeader header{0, static_cast<std::int32_t>(OpCode::create_session)};
  Zxid zxid;
  if (core_.role == Role::learner) {
    std::string body;
    wire::Writer(body).put(CreateSessionRequest{connection.timeout_ms});
    forward(connection, header, body, kNobody);
  } else {
    const RequestBody body = CreateSessionRequest{connection.timeout_ms};
    zxid = proposer_.propose(machine::Request{connection.session, 0, OpCode::create_session, body,
                                              connection.identities, connection.id(), machine::Request::server},
                             {received_us});
  }
  enqueue(connection, QueuedRequest{QueuedRequest::Kind::commit, header, zxid.value(), {}, Error::ok, received_us, 0});
}

void Requests::close_session(SessionId session) {
  ++core_.stats.metrics.requests_submitted;
  const RequestBody body = EmptyRequest{};
  proposer_.propose(
      machine::Request{session, 0, OpCode::close_session, body, kNobody, ConnectionId{0}, machine::Request::server},
      {core_.clock.now_us()});
}

void Requests::delete_container(std::string_view path) {
  ++core_.stats.metrics.requests_submitted;
  const RequestBody body = DeleteContainerRequest{path};
  proposer_.propose(machine::Request{SessionId{0}, 0, OpCode::delete_container, body, kNobody, ConnectionId{0},
                                     machine::Request::server},
                    {core_.clock.now_us()});
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
                             events_.send(from, type, base::java_round_trip(path), -1);
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
  const std::int64_t now_us = core_.clock.now_us();
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
  Timings& timings = core_.stats.timings;
  (operation->prepare != nullptr ? timings.write : timings.read).add_us(now_us - received_us);
  Metrics& metrics = core_.stats.metrics;
  (operation->prepare != nullptr ? metrics.update_latency_ms : metrics.read_latency_ms).add(latency_ms);
}

ClientConnection* Requests::waiting_for(const TxnHeader& txn) const {
  ClientConnection* const connection = connections_.of_session(SessionId{txn.client_id});
  if (connection == nullptr) return nullptr;
  for (const QueuedRequest& waiting : connection->waiting) {
    // A sync waits for everything before it, and so does what comes after.
    if (waiting.kind == QueuedRequest::Kind::sync) return nullptr;
    if (waiting.kind != QueuedRequest::Kind::commit) continue;
    // The leader's own transaction has the zxid that its request was given; one that was forwarded is known by its
    // cxid.
    const bool is_answer = waiting.zxid != 0 ? waiting.zxid == txn.zxid : waiting.header.xid == txn.cxid;
    return is_answer ? connection : nullptr;
  }
  return nullptr;
}

void Requests::deliver(const zab::Deliver& delivery) {
  const auto txn = wire::decode_txn(*delivery.record);
  QUOLL_CHECK(txn.has_value(), "a transaction was decoded before it was logged");
  ClientConnection* connection = waiting_for(txn->header);
  // Queued reads before a write of the same connection must see the state before the write.
  if (connection != nullptr) drain_before_write(*connection);
  // Events are written before the reply that makes the change visible: both use the same output, in this order.
  events_.begin_transaction();
  if (core_.audit != nullptr && static_cast<OpCode>(txn->header.type) == OpCode::close_session)
    audit_session_end(core_, *txn);
  const machine::ApplyResult result = applier_.apply(*txn);
  core_.preparer.applied(delivery.zxid);
  proposer_.note_changes();
  note_written(core_.stats.metrics, txn->body);
  if (connection != nullptr && connection->phase() != ClientConnection::Phase::closing) {
    answer_commit(*connection, *txn, result);
    if (connection->phase() != ClientConnection::Phase::closing) drain(*connection);
  }
  if (static_cast<OpCode>(txn->header.type) == OpCode::close_session)
    callbacks_.on_session_closed(SessionId{txn->header.client_id});
}

void Requests::on_synced() {
  if (forwarded_syncs_.empty()) return;
  ClientConnection* const connection = connections_.find(forwarded_syncs_.front());
  forwarded_syncs_.pop_front();
  if (connection == nullptr) return;
  const auto sync = std::ranges::find(connection->waiting, QueuedRequest::Kind::sync, &QueuedRequest::kind);
  if (sync == connection->waiting.end()) return;
  sync->kind = QueuedRequest::Kind::read;
  drain(*connection);
}

void Requests::answer_commit(ClientConnection& to, const Txn& txn, const machine::ApplyResult& result) {
  QUOLL_CHECK(!to.waiting.empty() && to.waiting.front().kind == QueuedRequest::Kind::commit,
              "replies are in the order of requests");
  const QueuedRequest waiting = std::move(to.waiting.front());
  to.waiting.pop_front();
  finish(to, waiting);
  const auto op = static_cast<OpCode>(waiting.header.type);
  const auto* const refused = std::get_if<ErrorTxn>(&txn.body);
  const Error refusal = refused == nullptr ? Error::ok : static_cast<Error>(refused->err);
  if (core_.audit != nullptr) audit_request(core_, to, waiting, txn, result);
  // The client is connected to another server by now; it must not take this for the end of its session.
  if (refusal == Error::session_moved) return to.drop("its client has moved to another server");
  if (op == OpCode::create_session && refused == nullptr) {
    note_answer(to, waiting.header, waiting.received_us);
    return callbacks_.on_session_created(to);
  }
  if (refused != nullptr) return answer(to, waiting.header, refusal, nullptr, waiting.received_us);
  const auto body = machine::reply_to(op, result);
  // The results of a multi contain its error; its reply header does not.
  const Error err = op == OpCode::multi ? Error::ok : result.err;
  answer(to, waiting.header, err, body ? &*body : nullptr, waiting.received_us);
  if (op == OpCode::close_session) to.close_after_replies();
}

bool Requests::can_answer_next(const ClientConnection& connection) {
  return connection.phase() != ClientConnection::Phase::closing && !connection.waiting.empty() &&
         connection.waiting.front().kind != QueuedRequest::Kind::commit &&
         connection.waiting.front().kind != QueuedRequest::Kind::sync;
}

bool Requests::answer_next(ClientConnection& connection) {
  if (!can_answer_next(connection)) return false;
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
  // Begins with the first answer: most often there is none to give.
  std::optional<Turn> turn;
  while (!connection.awaits_drain() && can_answer_next(connection)) {
    if (!turn) turn.emplace(core_.options.limits, core_.clock);
    const std::size_t before = connection.held_bytes();
    answer_next(connection);
    turn->add(connection.held_bytes() - std::min(before, connection.held_bytes()));
    if (!turn->is_over()) continue;
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

}  // namespace quoll::server
