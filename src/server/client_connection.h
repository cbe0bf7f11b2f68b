// One client's connection: splits input into frames, queues requests in order, and buffers output. It does not
// interpret requests.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/schemes.h"
#include "env/network.h"
#include "server/bytes_in_flight.h"
#include "server/event_batch.h"
#include "server/limits.h"
#include "server/read_gate.h"
#include "server/stats.h"
#include "server/turn.h"
#include "types/error.h"
#include "types/ids.h"
#include "types/replies.h"
#include "types/requests.h"
#include "watch/watch.h"

namespace quoll::server {

using ConnectionId = watch::WatcherId;

class ClientConnection;

// What a ClientConnection calls when something happens on it.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  // Called with the first bytes of a connection. True: they were a four-letter word, which has been answered.
  virtual bool on_word(ClientConnection& from, std::string_view word) = 0;
  virtual void on_connect(ClientConnection& from, const ConnectRequest& request) = 0;
  virtual void on_request(ClientConnection& from, const RequestHeader& header, std::string_view body) = 0;
  // `bytes` begin with an invalid frame length; the connection will be closed.
  virtual void on_bad_frame(const ClientConnection& from, std::int32_t length, std::string_view bytes) = 0;
  // False: the frame is refused because of its size (largeRequestMaxBytes).
  virtual bool admits_frame(const ClientConnection& from, std::int64_t bytes) = 0;
  // Starts measuring what is done for a connection before others are served.
  [[nodiscard]] virtual Turn begin_turn() const = 0;
  // `bytes` have been read from a connection and produced for it.
  virtual void on_bytes_processed(std::size_t bytes) = 0;
  // False: the current event has taken so long that the connection must wait for a turn.
  enum class Demand { small, unknown };  // whether its last turn was small
  [[nodiscard]] virtual bool has_time(Demand demand) const = 0;
  // The connection has more to do than one turn may take, or input arrived when has_time() was false. Call take_turn()
  // when other connections have been served.
  virtual void on_turn_needed(ClientConnection& from) = 0;
  // The connection's turn has come: answer its queued requests that wait for nothing else, before more input is read.
  virtual void on_turn(ClientConnection& from) = 0;
  // The connection has output to be sent at the end of this event.
  virtual void on_output(ClientConnection& from) = 0;
  // The bytes in flight of all connections are above the limit.
  virtual void on_too_many_bytes() = 0;
  // All queued output of the connection has been sent.
  virtual void on_drained(ClientConnection& from) = 0;
  // The connection has ended; it is destroyed after this event.
  virtual void on_closed(ClientConnection& from, std::string_view why) = 0;
};

// A request that is queued until its transaction is applied, or until the requests before it are answered.
struct QueuedRequest {
  enum class Kind { commit, sync, read, answer } kind = Kind::read;
  RequestHeader header;
  std::int64_t zxid = 0;         // for commit: of its transaction; 0: the leader decides that
  std::string body;              // for read and sync, and with an audit log: a copy of the request's body
  Error answer = Error::ok;      // for answer: the error to reply with when its turn comes
  std::int64_t received_us = 0;  // elapsed clock
  std::int64_t bytes = 0;        // of the request
  std::size_t identities = 0;    // how many identities the client had when the request arrived
  std::int64_t owed_bytes = 0;   // for read: the approximate size of its reply
};

class ClientConnection : public env::ConnectionHandler {
 public:
  enum class Phase { greeting, connecting, serving, answering, closing };

  ClientConnection(ConnectionId id, std::unique_ptr<env::Connection> connection, RequestHandler& handler,
                   const Limits& limits, ServerStats& server_stats, BytesInFlight& in_flight);
  ~ClientConnection() override;

  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;
  bool on_end_of_input() override;
  void on_drained() override;

  [[nodiscard]] ConnectionId id() const { return id_; }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] env::Connection& transport() { return *connection_; }
  [[nodiscard]] const env::Connection& transport() const { return *connection_; }

  // The output of this event; append to it. flush() sends it in one call. Events that the connection is owed come
  // first.
  std::string& output();
  void flush();
  void send_connect_response(const ConnectResponse& response);
  // These return the number of bytes sent, without the length prefix.
  std::int64_t send_reply(const ReplyHeader& header, const ReplyBody* body);
  std::int64_t send_event(const ReplyHeader& header, const WatcherEvent& event);
  // Events that are appended later: before any other output, or by take_next_events(). Until then the batch may grow.
  void owe_events(std::shared_ptr<const EventBatch> batch) { owed_events_.push_back(std::move(batch)); }
  [[nodiscard]] bool is_owed_events() const { return !owed_events_.empty(); }
  // Appends the oldest batch; returns its bytes.
  std::size_t take_next_events();
  // Count packets received and sent, in this connection's statistics and the server's.
  void count_received(std::size_t bytes);
  void count_sent(std::int64_t packets);
  // Bytes in its buffers and in the transport's queue.
  [[nodiscard]] std::size_t held_bytes() const { return in_.size() + out_.size() + connection_->queued_bytes(); }
  // Memory used by its buffers, filled or not.
  [[nodiscard]] std::size_t buffer_bytes() const { return in_.capacity() + out_.capacity(); }
  // Discards all output from now on; the connection is closed at the end of this event. Its bytes in flight are already
  // subtracted.
  void cut_off();
  [[nodiscard]] bool is_cut_off() const { return gate_.is_closed_by(ReadGate::Reason::cut_off); }
  // Reads no further request, sends what is queued, then closes the connection.
  void close_after_replies();
  // Closes immediately and calls on_closed.
  void drop(std::string_view why);

  // Nothing is read between a connect request and its response.
  void begin_connecting() { phase_ = Phase::connecting; }
  // Nothing more is read while the answer to a four-letter word is being sent.
  void begin_answering() { phase_ = Phase::answering; }
  // The session is established: reads the requests that were sent together with the connect request.
  void begin_serving();
  // Continues reading; called after on_turn_needed().
  void take_turn();
  // Stops reading; it resumes when no reason is left.
  void hold(ReadGate::Reason reason) { gate_.close(reason); }
  void release(ReadGate::Reason reason);
  // Resumes reading after others have been served.
  void release_later(ReadGate::Reason reason);
  [[nodiscard]] bool is_held_by(ReadGate::Reason reason) const { return gate_.is_closed_by(reason); }
  // Held because of requests that have been read.
  [[nodiscard]] bool is_held() const;
  // True if nothing more may be produced for the connection before it has taken its output; then on_turn() is called
  // when it has.
  [[nodiscard]] bool awaits_drain();
  // Leaves the rest of the work for the connection's next turn.
  void wait_for_turn();
  // The peer closed the connection, or the transport failed.
  [[nodiscard]] bool is_lost() const { return lost_; }

  SessionId session;
  std::int32_t timeout_ms = 0;
  std::optional<bool> read_only;  // as in the client's connect request
  auth::Identities identities;
  // The first `count` identities: the list only grows, and a request keeps the list with which it arrived. The
  // reference is valid until the next call.
  const auth::Identities& first_identities(std::size_t count);
  std::deque<QueuedRequest> waiting;
  ConnectionStats stats;
  std::int64_t outstanding = 0;      // requests that are read but not answered
  std::int64_t waiting_bytes = 0;    // of the requests in `waiting`
  std::int64_t owed_bytes = 0;       // the approximate size of their replies
  std::int64_t throttled_bytes = 0;  // of its requests in the request throttle

 private:
  // Closes after an invalid frame. Replies to earlier requests are sent first.
  void send_and_close(std::string_view why);
  // Processes complete frames at the beginning of `bytes`; returns the number of bytes consumed.
  std::size_t consume(std::string_view bytes);
  bool may_read() const;
  bool can_take_output() const;
  // True if the buffer holds as many bytes as the largest frame: further bytes stay in the socket.
  bool is_full() const { return in_.size() >= static_cast<std::size_t>(limits_.frame_bytes_max) + 4; }
  void take_frame(std::string_view payload);
  void read_buffered();
  std::int64_t count_response(std::size_t frame_bytes);
  // Sets the connection's share of the bytes in flight, without the transport's queue.
  void count_in_flight(std::int64_t bytes);
  void count_buffers();
  void take_owed_events();
  void forget_owed_events();

  auth::Identities first_identities_;
  ConnectionId id_;
  std::unique_ptr<env::Connection> connection_;
  RequestHandler& handler_;
  const Limits& limits_;
  ServerStats& server_stats_;
  BytesInFlight& in_flight_;
  Phase phase_ = Phase::greeting;
  ReadGate gate_;
  bool has_turn_ = false;
  bool waits_for_drain_ = false;
  RequestHandler::Demand demand_ = RequestHandler::Demand::unknown;
  bool lost_ = false;
  bool consuming_ = false;
  std::string in_;   // an incomplete frame, or input received while reading is paused
  std::string out_;  // output of this event
  std::int64_t counted_ = 0;
  std::vector<std::shared_ptr<const EventBatch>> owed_events_;
  std::size_t taken_events_ = 0;  // of owed_events_
};

}  // namespace quoll::server
