// One client's connection: frames in, frames out, and the order of its requests. What requests mean is the server's to
// know.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "auth/schemes.h"
#include "env/network.h"
#include "server/bytes_in_flight.h"
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

// Who answers what a connection hears.
class FrontDesk {
 public:
  virtual ~FrontDesk() = default;
  // The first four bytes, before any session. True: it was a four-letter word and has been answered.
  virtual bool on_word(ClientConnection& from, std::string_view word) = 0;
  virtual void on_connect(ClientConnection& from, const ConnectRequest& request) = 0;
  virtual void on_request(ClientConnection& from, const RequestHeader& header, std::string_view body) = 0;
  // The frame that `bytes` begin with has a length that no frame may have; the connection is closed.
  virtual void on_bad_frame(const ClientConnection& from, std::int32_t length, std::string_view bytes) = 0;
  // False: the frame is refused for its size (large request limit).
  virtual bool admits_frame(const ClientConnection& from, std::int64_t bytes) = 0;
  // What may be done for a connection before others are served is measured from now on.
  [[nodiscard]] virtual Turn begin_turn() const = 0;
  // So many bytes were read from a connection and produced for it.
  virtual void on_work(std::size_t bytes) = 0;
  // False: this event has taken so long already that the connection has to wait for a turn.
  enum class Demand { small, unknown };  // what it asked for the last time
  [[nodiscard]] virtual bool has_time(Demand demand) const = 0;
  // It has more to do than one turn may take, or came when there was no time: take_turn() is called when others have
  // been served.
  virtual void on_more(ClientConnection& from) = 0;
  // Its turn has come: requests that were read earlier and wait for nothing else are answered now, before more is read.
  virtual void on_turn(ClientConnection& from) = 0;
  // The connection has something to send at the end of this event.
  virtual void on_output(ClientConnection& from) = 0;
  // All connections together have too much in flight.
  virtual void on_flood() = 0;
  // All output has gone.
  virtual void on_room(ClientConnection& from) = 0;
  // The connection is over; it is destroyed after this event.
  virtual void on_gone(ClientConnection& from, std::string_view why) = 0;
};

// A request that waits for its turn: for its transaction to be applied, or for those before it.
struct Waiting {
  enum class Kind { commit, read, answer } kind = Kind::read;
  RequestHeader header;
  std::int64_t zxid = 0;         // commit
  std::string body;              // read: a copy of the request's body
  Error answer = Error::ok;      // answer: what it gets when its turn comes
  std::int64_t received_us = 0;  // elapsed clock
  std::int64_t bytes = 0;        // of the request
  std::size_t identities = 0;    // how many the client had proven when it came
  std::int64_t owed_bytes = 0;   // of a read: what its reply will take, roughly
};

class ClientConnection : public env::ConnectionHandler {
 public:
  enum class Phase { greeting, connecting, serving, answering, closing };

  ClientConnection(ConnectionId id, std::unique_ptr<env::Connection> connection, FrontDesk& desk, const Limits& limits,
                   ServerStats& server_stats, BytesInFlight& in_flight);
  ~ClientConnection() override;

  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;
  bool on_end_of_input() override;
  void on_drained() override;

  [[nodiscard]] ConnectionId id() const { return id_; }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] env::Connection& transport() { return *connection_; }
  [[nodiscard]] const env::Connection& transport() const { return *connection_; }

  // Appends to the output of this event; flush() sends it in one call.
  std::string& output();
  void flush();
  void send_connect_response(const ConnectResponse& response);
  // These tell how many bytes it took, the length in front not counted.
  std::int64_t send_reply(const ReplyHeader& header, const ReplyBody* body);
  std::int64_t send_event(const ReplyHeader& header, const WatcherEvent& event);
  // A packet of so many bytes has come, or packets have gone: for this connection's statistics and the server's.
  void count_received(std::size_t bytes);
  void count_sent(std::int64_t packets);
  // What it has in flight.
  [[nodiscard]] std::size_t held_bytes() const { return in_.size() + out_.size() + connection_->queued_bytes(); }
  // What its own buffers take, filled or not.
  [[nodiscard]] std::size_t buffer_bytes() const { return in_.capacity() + out_.capacity(); }
  // It is cut off when this event ends, and sends nothing from now on. What it holds counts as gone.
  void give_up();
  [[nodiscard]] bool is_given_up() const { return gate_.is_closed_by(ReadGate::Reason::given_up); }
  // No further request is read; what is queued goes out, then the connection closes.
  void close_after_replies();
  // Closes now; the desk hears on_gone.
  void drop(std::string_view why);

  // Between a connect request and its answer nothing else is read.
  void begin_connecting() { phase_ = Phase::connecting; }
  // The answer to a four-letter word is being told: nothing is read any more.
  void begin_answering() { phase_ = Phase::answering; }
  // The session stands: what was pipelined behind the connect request is read now.
  void begin_serving();
  // After on_more(): reads on.
  void take_turn();
  // Reading stops, and goes on when no reason is left.
  void hold(ReadGate::Reason reason) { gate_.close(reason); }
  void release(ReadGate::Reason reason);
  // The same, when others have been served.
  void release_later(ReadGate::Reason reason);
  [[nodiscard]] bool is_held_by(ReadGate::Reason reason) const { return gate_.is_closed_by(reason); }
  // Held because of requests that have been read.
  [[nodiscard]] bool is_held() const;
  // May more be produced for it, or has it so much to take that this must wait? Then on_turn comes when it has taken
  // it.
  [[nodiscard]] bool awaits_room();
  // What else is to be done for it is left for its next turn.
  void wait_for_turn();
  // The peer has closed it or is gone.
  [[nodiscard]] bool is_lost() const { return lost_; }

  SessionId session;
  std::int32_t timeout_ms = 0;
  std::optional<bool> read_only;  // as the client's connect request had it
  auth::Identities identities;
  // The first `count` of them: the list only grows, and a request keeps the one that it came with. The reference is
  // good until the next call.
  const auth::Identities& first_identities(std::size_t count);
  std::deque<Waiting> waiting;
  ConnectionStats stats;
  std::int64_t outstanding = 0;      // requests read and not answered
  std::int64_t waiting_bytes = 0;    // of the requests in `waiting`
  std::int64_t owed_bytes = 0;       // what their replies will take, roughly
  std::int64_t throttled_bytes = 0;  // of its requests in the request throttle

 private:
  // Closes after a frame that is none; what was answered before goes out first.
  void hang_up(std::string_view why);
  // Takes whole frames off the front of `bytes`; returns how many bytes are used up.
  std::size_t consume(std::string_view bytes);
  bool may_read() const;
  bool has_room() const;
  // As many bytes lie here unread as one frame can take: more are left in the client's own socket.
  bool is_full() const { return in_.size() >= static_cast<std::size_t>(limits_.frame_bytes_max) + 4; }
  void take_frame(std::string_view payload);
  void read_buffered();
  std::int64_t count_response(std::size_t frame_bytes);
  // Its part of all bytes in flight is this by now, beside what the transport has queued.
  void count_in_flight(std::int64_t bytes);
  void count_buffers();

  auth::Identities first_identities_;
  ConnectionId id_;
  std::unique_ptr<env::Connection> connection_;
  FrontDesk& desk_;
  const Limits& limits_;
  ServerStats& server_stats_;
  BytesInFlight& in_flight_;
  Phase phase_ = Phase::greeting;
  ReadGate gate_;
  bool has_turn_ = false;
  bool waits_for_room_ = false;
  FrontDesk::Demand demand_ = FrontDesk::Demand::unknown;
  bool lost_ = false;
  bool consuming_ = false;
  std::string in_;   // an incomplete frame, or what waits while reading is held
  std::string out_;  // of this event
  std::int64_t counted_ = 0;
};

}  // namespace quoll::server
