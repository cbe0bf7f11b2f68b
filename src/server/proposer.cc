#include "server/proposer.h"

#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "server/request_metrics.h"
#include "wire/txn_record.h"

namespace quoll::server {

machine::Preparer::Result Proposer::prepare(const machine::Request& request, session::SessionTable::Owner owner,
                                            Zxid zxid) {
  const std::int64_t time_ms = core_.env.clock.wall_ms();
  if (request.op == OpCode::create_session || request.origin == machine::Request::server)
    return core_.preparer.prepare(request, zxid, time_ms, true);
  const auto standing = core_.sessions.standing(request.session, owner);
  if (standing == session::SessionTable::Standing::moved)
    return core_.preparer.refuse(request, zxid, time_ms, Error::session_moved);
  // A session that has been closed may be closed again.
  if (request.op == OpCode::close_session) return core_.preparer.prepare(request, zxid, time_ms, true);
  return core_.preparer.prepare(request, zxid, time_ms, standing == session::SessionTable::Standing::open);
}

void Proposer::note_sessions(const machine::Request& request, session::SessionTable::Owner owner) {
  if (request.op == OpCode::close_session) core_.sessions.set_closing(request.session);
  if (const auto* const create = std::get_if<CreateSessionRequest>(&request.body)) {
    core_.sessions.track(request.session, create->timeout_ms, core_.env.clock.elapsed_ms());
    core_.sessions.set_owner(request.session, owner);
  }
}

Zxid Proposer::propose(const machine::Request& request, const Arrival& arrival) {
  const zab::Leading* const leader = core_.leading();
  QUOLL_CHECK(leader != nullptr, "only a leader proposes");
  const machine::Preparer::Result result = prepare(request, arrival.owner, leader->next_zxid());
  note_quota_exceeded(core_.stats.metrics, request.body, result);
  if (request.op == OpCode::close_session)
    core_.stats.metrics.close_session_prepare_ms.add((core_.clock.now_us() - arrival.us) / 1000);
  if (result.error != Error::session_moved) note_sessions(request, arrival.owner);
  return propose(result, arrival.us);
}

Zxid Proposer::propose_refused(const machine::Request& request, Error error, std::int64_t received_us) {
  const zab::Leading* const leader = core_.leading();
  QUOLL_CHECK(leader != nullptr, "only a leader proposes");
  return propose(core_.preparer.refuse(request, leader->next_zxid(), core_.env.clock.wall_ms(), error), received_us);
}

Zxid Proposer::propose(const machine::Preparer::Result& result, std::int64_t received_us) {
  for (const std::string& notice : result.notices) core_.env.log.warn("{}", notice);
  note_changes();
  const Zxid zxid{result.txn.header.zxid};
  std::string bytes;
  bytes.reserve(256);
  wire::append_txn(result.txn, bytes);
  core_.stats.proposal_bytes.add(static_cast<std::int64_t>(bytes.size()));
  propose_(zxid, std::make_shared<const std::string>(std::move(bytes)), received_us);
  return zxid;
}

void Proposer::note_changes() {
  const std::size_t now = core_.preparer.outstanding().size();
  Counter& counter = now > changes_ ? core_.stats.metrics.changes_queued : core_.stats.metrics.changes_removed;
  counter += static_cast<Counter>(now > changes_ ? now - changes_ : changes_ - now);
  changes_ = now;
}

}  // namespace quoll::server
