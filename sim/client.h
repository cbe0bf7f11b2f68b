// A client that uses the real protocol over the simulated network and records everything that it receives, in order. It
// checks nothing: tests do.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/simulation.h"
#include "types/replies.h"
#include "types/requests.h"
#include "wire/jute.h"

namespace quoll::sim {

// A message from the server.
struct Arrival {
  enum Kind { session, reply, event, garbage } kind = garbage;
  std::int32_t xid = 0;
  std::int64_t zxid = 0;
  Error err = Error::ok;
  std::string body;  // after the header
  std::int32_t event_type = 0;
  std::string path;  // event
  std::int64_t at_us = 0;

  // The body decoded as T; its views point into this arrival.
  template <typename T>
  [[nodiscard]] T as() const {
    T record;
    wire::Reader reader(body);
    reader.get(record);
    return record;
  }
};

struct Greeting {
  std::int32_t timeout_ms = 30000;
  std::int64_t session = 0;
  std::string password = std::string(16, '\0');
  std::int64_t last_zxid_seen = 0;
  std::optional<bool> read_only = false;
};

class Client : public env::ConnectionHandler {
 public:
  // `host` is the address of the client. It connects to the first machine, until to() names another.
  Client(Simulation& simulation, std::uint16_t port, std::string host = "10.0.0.1");
  void to(std::string server) { server_ = std::move(server); }

  // dial() opens a new connection; greet() sends the connect request, whose answer arrives later.
  void dial();
  void greet(const Greeting& greeting);
  // dial, greet and wait for the answer; returns whether there is a session.
  bool connect(const Greeting& greeting = {});
  // Resumes its session over a new connection.
  bool reconnect();

  // Sends a request and returns its xid.
  template <wire::Record T>
  std::int32_t send(OpCode op, const T& body) {
    std::string bytes;
    wire::Writer(bytes).put(body);
    return send_body(op, bytes);
  }
  std::int32_t send_multi(const std::vector<SubRequest>& ops, OpCode op = OpCode::multi);
  std::int32_t send_body(OpCode op, std::string_view body);
  void send_frame(std::int32_t xid, OpCode op, std::string_view body);
  void send_raw(std::string_view bytes);
  void ping() { send_frame(kPingXid, OpCode::ping, {}); }

  // Sends and waits for the answer. nullptr: the connection closed, or nothing came for a long time.
  template <wire::Record T>
  const Arrival* call(OpCode op, const T& body) {
    return wait(send(op, body));
  }
  const Arrival* wait(std::int32_t xid);
  [[nodiscard]] const Arrival* reply(std::int32_t xid) const;

  // Common requests; each waits for the answer.
  Error create(std::string_view path, std::string_view data = {}, std::int32_t flags = 0);
  Error remove(std::string_view path, std::int32_t version = -1);
  Error set(std::string_view path, std::string_view data, std::int32_t version = -1);
  // nullopt: an error.
  std::optional<std::string> get(std::string_view path, bool watch = false);
  std::optional<Stat> exists(std::string_view path, bool watch = false);
  std::optional<std::vector<std::string>> children(std::string_view path, bool watch = false);

  void stop_reading() { connection_->pause_reading(); }
  void resume_reading() { connection_->resume_reading(); }
  // Closes the connection without closing the session.
  void drop() { connection_.reset(); }
  // Shuts down its sending side, and still receives.
  void finish() { Network::finish(*connection_); }
  void cut() { Network::cut(*connection_); }
  void go_silent() { Network::silence(*connection_); }

  [[nodiscard]] bool is_closed() const { return closed_; }
  [[nodiscard]] std::int64_t session() const { return session_; }
  [[nodiscard]] const std::string& password() const { return password_; }
  [[nodiscard]] std::int32_t timeout_ms() const { return timeout_ms_; }
  // Everything since the last dial().
  [[nodiscard]] const std::vector<Arrival>& arrivals() const { return arrivals_; }
  [[nodiscard]] std::vector<Arrival> events() const;
  // For four-letter words: received bytes are kept in raw() and not decoded as frames.
  void keep_raw() { raw_ = true; }
  [[nodiscard]] const std::string& raw() const { return in_; }

  // Called for each arrival (which is then not kept), and at the end of the connection if the client has not closed it
  // itself.
  std::function<void(const Arrival&)> on_arrival;
  std::function<void()> on_end;

  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;

 private:
  void take(std::string_view frame);
  void keep(Arrival arrival);

  Simulation& world_;
  std::uint16_t port_;
  std::string host_;
  std::string server_;  // empty: the first machine
  std::unique_ptr<env::Connection> connection_;
  std::string in_;
  bool raw_ = false;
  bool closed_ = false;
  bool greeted_ = false;
  bool old_protocol_ = false;
  std::int32_t next_xid_ = 1;
  std::int64_t session_ = 0;
  std::string password_ = std::string(16, '\0');
  std::int32_t timeout_ms_ = 0;
  std::vector<Arrival> arrivals_;
};

// world:anyone, all permissions.
AclViews open_acl();

}  // namespace quoll::sim
