// Processes requests and sends their replies in each session's order. Reads are answered immediately, or after the
// pending writes before them have been applied; writes go through the agreement protocol.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "machine/reply.h"
#include "server/connections.h"
#include "server/core.h"
#include "zab/effects.h"

namespace quoll::server {

class Requests : public machine::EventSink {
 public:
  struct Callbacks {
    // Executes effects of the agreement protocol.
    std::function<void(zab::Effects&)> execute;
    // A createSession has been applied: the connect request can be answered.
    std::function<void(ClientConnection&)> on_session_created;
    // A session has been closed.
    std::function<void(SessionId)> on_session_closed;
  };
  Requests(Core& core, Connections& connections, Callbacks callbacks);

  // A client's request; only its header is decoded. `identities`: how many of the connection's identities it had when
  // the request arrived.
  void submit(ClientConnection& from, const RequestHeader& header, std::string_view body, std::size_t identities);
  // Replies with an error, in order, without decoding the request.
  void refuse(ClientConnection& from, const RequestHeader& header, Error err);
  // The server's own requests: createSession for a waiting connection, closeSession, deleteContainer.
  void create_session(ClientConnection& connection);
  void close_session(SessionId session);
  void delete_container(std::string_view path);

  // A transaction is committed.
  void deliver(const zab::Deliver& delivery);

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

  void on_event(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                std::span<const watch::WatcherId> watchers) override;

 private:
  struct Proposal {
    Zxid zxid;
    ConnectionId connection;  // 0: no connection waits for the reply
    OpCode op;
    Error error;
  };
  // True if too many requests, or bytes of them, wait for the disk. Connections that have one of them are then not read
  // from.
  [[nodiscard]] bool are_too_many() const;
  // The bytes of this request that count for the limit of large requests.
  [[nodiscard]] std::int64_t large_bytes_of(const QueuedRequest& waiting) const;
  void propose(const machine::Request& request, const machine::Preparer::Result& result);
  void submit_write(ClientConnection& from, const RequestHeader& header, std::string_view body, std::size_t identities);
  void enqueue(ClientConnection& from, QueuedRequest waiting);
  void read_now(ClientConnection& from, const RequestHeader& header, std::string_view body, std::int64_t received_us,
                std::size_t identities);
  void answer(ClientConnection& to, const RequestHeader& header, Error err, const ReplyBody* body,
              std::int64_t received_us);
  // Updates the statistics after an answer. Includes pings and sessions, but not authentication.
  void note_answer(ClientConnection& to, const RequestHeader& header, std::int64_t received_us);
  // Updates the metrics of pending changes.
  void note_changes();
  void answer_commit(ClientConnection& to, const Proposal& proposal, const machine::ApplyResult& result);
  // Answers the connection's next request, unless it waits for a write. Returns true if it was answered.
  bool answer_next(ClientConnection& connection);
  // Answers everything that must be answered before the connection's next write is applied.
  void drain_before_write(ClientConnection& connection);
  // Stops or resumes reading a connection because of its own queued requests.
  void limit_own_requests(ClientConnection& connection);
  // The approximate size of the reply to a read.
  [[nodiscard]] std::int64_t owed_for(OpCode op, std::string_view body) const;
  void send_event(ClientConnection& to, watch::EventType type, std::string_view path, std::int64_t zxid);
  void finish(ClientConnection& connection, const QueuedRequest& waiting);

  Core& core_;
  Connections& connections_;
  Callbacks callbacks_;
  machine::Applier applier_;
  std::deque<Proposal> proposals_;
  std::int64_t in_progress_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t large_bytes_ = 0;
  std::size_t changes_ = 0;
  std::vector<ConnectionId> held_;
};

}  // namespace quoll::server
