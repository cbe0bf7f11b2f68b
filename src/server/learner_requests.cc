#include "server/learner_requests.h"

#include "machine/ops/table.h"
#include "types/quorum_packets.h"
#include "wire/client_frames.h"
#include "wire/quorum_frames.h"

namespace quoll::server {

void LearnerRequests::on_packet(zab::LinkId from, const zab::ServerPacket& packet) {
  switch (static_cast<QuorumPacketType>(packet.type)) {
    case QuorumPacketType::request:
      return on_request(from, packet);
    case QuorumPacketType::revalidate:
      return on_revalidate(from, packet);
    case QuorumPacketType::ping:
      return on_touches(packet.data);
    default:
      // As Apache's leader, which passes over what it does not know.
      core_.env.log.warn("A learner sent a packet of type {}, which no learner sends; it is ignored", packet.type);
  }
}

void LearnerRequests::on_request(zab::LinkId from, const zab::ServerPacket& packet) {
  const auto forwarded = wire::decode_forwarded_request(base::NullableView(packet.data));
  if (!forwarded) {
    core_.env.log.warn("A learner forwarded a request of {} bytes, too short for one; it is ignored",
                       packet.data.size());
    return;
  }
  const auto op = static_cast<OpCode>(forwarded->type);
  if (op == OpCode::sync) return on_sync(from);
  auth::Identities identities;
  for (const Id& id : packet.identities) identities.push_back(id);
  on_write(from, SessionId{forwarded->session}, forwarded->cxid, op, forwarded->body, identities);
}

void LearnerRequests::on_write(zab::LinkId from, SessionId session, std::int32_t cxid, OpCode op, std::string_view body,
                               const auth::Identities& identities) {
  const machine::ops::Operation* const operation = machine::ops::find(op);
  if (operation == nullptr || operation->prepare == nullptr) {
    core_.env.log.warn("A learner forwarded a request of type {}, which changes nothing; it is ignored",
                       static_cast<std::int32_t>(op));
    return;
  }
  ++core_.stats.metrics.requests_submitted;
  wire::Reader reader(body, core_.options.limits.buffer_bytes_max);
  const auto decoded = wire::decode_body(op, reader);
  const RequestBody nothing = EmptyRequest{};
  const machine::Request request{session, cxid, op, decoded ? *decoded : nothing, identities, ConnectionId{0}};
  const std::int64_t received_us = core_.clock.now_us();
  // The learner waits for a transaction, whatever becomes of the request.
  if (decoded) {
    proposer_.propose(request, {received_us, from.value()});
  } else {
    proposer_.propose_refused(request, Error::marshalling_error, received_us);
  }
}

void LearnerRequests::on_sync(zab::LinkId from) {
  syncs_.push_back(Sync{Zxid{core_.leading()->next_zxid().value() - 1}, from});
  on_committed();
}

void LearnerRequests::on_committed() {
  while (!syncs_.empty() && core_.leading() != nullptr && core_.leading()->last_committed() >= syncs_.front().behind) {
    const Sync sync = syncs_.front();
    syncs_.pop_front();
    send_(sync.from, zab::ServerPacket{static_cast<std::int32_t>(QuorumPacketType::sync), Zxid{0}, {}});
  }
}

void LearnerRequests::on_revalidate(zab::LinkId from, const zab::ServerPacket& packet) {
  const auto asked = wire::decode_session_touch(packet.data);
  if (!asked) {
    core_.env.log.warn("A learner asked for a session in {} bytes, too short for that; it is ignored",
                       packet.data.size());
    return;
  }
  ++core_.stats.metrics.connections_revalidated;
  const SessionId session{asked->session};
  const bool is_valid = core_.sessions.touch(session, asked->timeout_ms, core_.env.clock.elapsed_ms());
  if (is_valid) {
    core_.sessions.set_owner(session, from.value());
    if (ClientConnection* const older = connections_.of_session(session))
      older->drop("its client has moved to another server");
  }
  send_(from, zab::ServerPacket{packet.type, packet.zxid, wire::encode_revalidate_reply({session.value(), is_valid})});
}

void LearnerRequests::on_touches(std::string_view data) {
  const std::int64_t now_ms = core_.env.clock.elapsed_ms();
  for (const SessionTouch& touch : wire::decode_session_touches(data))
    core_.sessions.touch(SessionId{touch.session}, touch.timeout_ms, now_ms);
}

}  // namespace quoll::server
