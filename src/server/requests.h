// Processes requests and sends their replies in each session's order. Reads are answered immediately, or after the
// pending writes before them have been applied; writes go through the agreement protocol: a leader proposes them, a
// learner forwards them to its leader. Either way the transaction that comes back answers the request.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "machine/reply.h"
#include "server/connections.h"
#include "server/core.h"
#include "server/event_fanout.h"
#include "server/proposer.h"
#include "zab/effects.h"

namespace quoll::server {

class Requests {
 public:
  struct ForwardedRequest {
    SessionId session;
    std::int32_t cxid = 0;
    OpCode op = OpCode::ping;
    std::string_view body;
    const auth::Identities& identities;
  };
  struct Callbacks {
    // Sends a write, or a sync, to the leader. The views are valid during the call only.
    std::function<void(const ForwardedRequest&)> forward;
    // A createSession has been applied: the connect request can be answered.
    std::function<void(ClientConnection&)> on_session_created;
    // A session has been closed.
    std::function<void(SessionId)> on_session_closed;
  };
  Requests(Core& core, Connections& connections, Proposer& proposer, Callbacks callbacks);

  // A client's request, in its connection's turn; only its header is decoded. `identities`: how many of the
  // connection's identities it had when the request arrived.
  void submit(ClientConnection& from, const RequestHeader& header, std::string_view body, std::size_t identities);
  // Replies with an error, in order, without decoding the request.
  void refuse(ClientConnection& from, const RequestHeader& header, Error err);
  // The server's own requests: createSession for a waiting connection, closeSession, deleteContainer.
  void create_session(ClientConnection& connection);
  void close_session(SessionId session);
  void delete_container(std::string_view path);

  // A transaction is committed.
  void deliver(const zab::Deliver& delivery);
  // Everything that was committed before the oldest forwarded sync has been applied.
  void on_synced();
  // The requests that wait for a leader that is gone are never answered: their connections have been closed.
  void forget_forwarded() { forwarded_syncs_.clear(); }

  [[nodiscard]] std::int64_t in_progress() const { return in_progress_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  [[nodiscard]] std::int64_t large_bytes() const { return large_bytes_; }
  // Resumes the connections held by globalOutstandingLimit, if few enough requests are waiting.
  void release_held();
  // Answers the connection's queued requests that wait for nothing any more, as far as its turn allows. The rest waits
  // for its next turn.
  void drain(ClientConnection& connection);
  // Drops the requests of a closed connection.
  void forget(ClientConnection& connection);

  // So many events are still to be sent that no further transaction should be delivered now.
  [[nodiscard]] bool events_are_behind() const { return events_.is_behind(); }

 private:
  // True if too many requests, or bytes of them, wait for the disk. Connections that have one of them are then not read
  // from.
  [[nodiscard]] bool are_too_many() const;
  // The bytes of this request that count for the limit of large requests.
  [[nodiscard]] std::int64_t large_bytes_of(const QueuedRequest& waiting) const;
  void submit_write(ClientConnection& from, const RequestHeader& header, std::string_view body,
                    std::int64_t received_us, std::size_t identities);
  void enqueue(ClientConnection& from, QueuedRequest waiting);
  void read_now(ClientConnection& from, const RequestHeader& header, std::string_view body, std::int64_t received_us,
                std::size_t identities);
  void answer(ClientConnection& to, const RequestHeader& header, Error err, const ReplyBody* body,
              std::int64_t received_us);
  // Updates the statistics after an answer. Includes pings and sessions, but not authentication.
  void note_answer(ClientConnection& to, const RequestHeader& header, std::int64_t received_us);
  void submit_sync(ClientConnection& from, const RequestHeader& header, std::string_view body, std::int64_t received_us,
                   std::size_t identities);
  void forward(const ClientConnection& from, const RequestHeader& header, std::string_view body,
               const auth::Identities& identities);
  // The connection with the request that this transaction answers; nullptr: it is not one of this server's clients.
  [[nodiscard]] ClientConnection* waiting_for(const TxnHeader& txn) const;
  void answer_commit(ClientConnection& to, const Txn& txn, const machine::ApplyResult& result);
  // The connection has a queued request, and it does not wait for a write.
  [[nodiscard]] static bool can_answer_next(const ClientConnection& connection);
  // Answers the connection's next request if that is possible. Returns true if it was answered.
  bool answer_next(ClientConnection& connection);
  // Answers everything that must be answered before the connection's next write is applied.
  void drain_before_write(ClientConnection& connection);
  // Stops or resumes reading a connection because of its own queued requests.
  void limit_own_requests(ClientConnection& connection);
  // The approximate size of the reply to a read.
  [[nodiscard]] std::int64_t owed_for(OpCode op, std::string_view body) const;
  void finish(ClientConnection& connection, const QueuedRequest& waiting);

  Core& core_;
  Connections& connections_;
  Proposer& proposer_;
  Callbacks callbacks_;
  EventFanout events_;
  machine::Applier applier_;
  std::deque<ConnectionId> forwarded_syncs_;  // in the order in which the leader answers them
  std::int64_t in_progress_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t large_bytes_ = 0;
  std::vector<ConnectionId> held_;
};

}  // namespace quoll::server
