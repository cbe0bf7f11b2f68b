// From a request to its reply, in the order of its session: reads at once, writes through the agreement, and reads
// behind a write when that write has been applied.
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
  struct Outlet {
    // Effects of the agreement to carry out.
    std::function<void(zab::Effects&)> carry_out;
    // A session's createSession has been applied: answer its connect request.
    std::function<void(ClientConnection&)> on_session_created;
    // A session is no more.
    std::function<void(SessionId)> on_session_closed;
  };
  Requests(Core& core, Connections& connections, Outlet outlet);

  // A client's request, decoded no further than its header.
  // `identities`: of those that the client has proven by now, how many it had when the request came.
  void submit(ClientConnection& from, const RequestHeader& header, std::string_view body, std::size_t identities);
  // Answers without looking at the request, when its turn comes.
  void refuse(ClientConnection& from, const RequestHeader& header, Error err);
  // The server's own: createSession for a connection that waits for it, closeSession, deleteContainer.
  void create_session(ClientConnection& connection);
  void close_session(SessionId session);
  void delete_container(std::string_view path);

  // The agreement has decided.
  void deliver(const zab::Deliver& delivery);

  [[nodiscard]] std::int64_t in_progress() const { return in_progress_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }
  [[nodiscard]] std::int64_t large_bytes() const { return large_bytes_; }
  // Connections that are not read from because of globalOutstandingLimit are again, if few enough requests wait by now.
  void release_held();
  // Answers what has been read from the connection and waits for nothing any more, as much as its turn allows; for the
  // rest it waits for the next one.
  void drain(ClientConnection& connection);
  // The connection is gone: nobody waits for its answers.
  void forget(ClientConnection& connection);

  void on_event(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                std::span<const watch::WatcherId> watchers) override;

 private:
  struct Proposal {
    Zxid zxid;
    ConnectionId connection;  // 0: nobody waits
    OpCode op;
    Error error;
  };
  // Too many requests, or bytes of them, wait for the disk: who has one among them is not read from.
  [[nodiscard]] bool are_too_many() const;
  // What `waiting` counts among the large ones.
  [[nodiscard]] std::int64_t large_bytes_of(const Waiting& waiting) const;
  void propose(const machine::Request& request, const machine::Preparer::Result& result);
  void submit_write(ClientConnection& from, const RequestHeader& header, std::string_view body, std::size_t identities);
  void enqueue(ClientConnection& from, Waiting waiting);
  void read_now(ClientConnection& from, const RequestHeader& header, std::string_view body, std::int64_t received_us,
                std::size_t identities);
  void answer(ClientConnection& to, const RequestHeader& header, Error err, const ReplyBody* body,
              std::int64_t received_us);
  // A request has been answered: what it took. Pings and sessions count, authentication does not.
  void note_answer(ClientConnection& to, const RequestHeader& header, std::int64_t received_us);
  // How many changed znodes are under way.
  void note_changes();
  void answer_commit(ClientConnection& to, const Proposal& proposal, const machine::ApplyResult& result);
  // The next request of the connection waits for no write, and has been answered.
  bool answer_next(ClientConnection& connection);
  // Answers all that must be answered before the connection's next write is applied.
  void drain_before_write(ClientConnection& connection);
  // Closes or opens the gate of a connection whose own requests wait.
  void limit_own_requests(ClientConnection& connection);
  // What the reply to a read will take, roughly.
  [[nodiscard]] std::int64_t owed_for(OpCode op, std::string_view body) const;
  void send_event(ClientConnection& to, watch::EventType type, std::string_view path, std::int64_t zxid);
  void finish(ClientConnection& connection, const Waiting& waiting);

  Core& core_;
  Connections& connections_;
  Outlet outlet_;
  machine::Applier applier_;
  std::deque<Proposal> proposals_;
  std::int64_t in_progress_ = 0;
  std::int64_t bytes_ = 0;
  std::int64_t large_bytes_ = 0;
  std::size_t changes_ = 0;
  std::vector<ConnectionId> held_;
};

}  // namespace quoll::server
