// A client that executes its part of a plan over the real protocol and behaves like real clients: it pings, closes the
// connection if the server is silent, reconnects with its session, and renews its watches. It records what it sent and
// received.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/client.h"
#include "sim/trial/plan.h"

namespace quoll::sim {

struct Sent {
  std::int32_t xid = 0;
  Ask ask;
  std::int64_t at_us = 0;
};

// An addauth. A correct one is answered at once; after a wrong one the server closes the connection.
struct Login {
  std::size_t before = 0;  // number of requests that the client had sent before it
  Id id;
  bool is_wrong = false;
};

// One connection, from its first to its last byte.
struct Conversation {
  int client = 0;
  std::string host;
  std::int32_t asked_timeout_ms = 0;
  std::int64_t asked_session = 0;
  std::int64_t asked_zxid = 0;
  std::int64_t session = 0;  // granted by the server; 0: not answered yet, or refused
  std::int32_t timeout_ms = 0;
  std::int64_t began_us = 0;
  bool has_wrong_password = false;  // the password was wrong
  bool closed = false;
  bool may_lose = false;    // sent bytes may be lost with the connection
  bool reads_late = false;  // the client has stopped reading for a while
  std::vector<Sent> sent;
  std::vector<Login> logins;
  std::vector<Arrival> arrivals;
};

class Actor {
 public:
  Actor(Simulation& world, std::uint16_t port, int number, const ClientPlan& plan);

  void start() { dial(); }
  void carry_out(const Item& item);
  // From now on it does not reconnect after it loses its connection.
  void retire() { retired_ = true; }
  void leave();
  // Called while the client reads and has waited for an answer since `since_us`.
  std::function<void(std::int64_t since_us)> on_long_wait;
  // Sends a ping: its answer comes after those to all earlier requests.
  void ping();

  [[nodiscard]] bool is_idle() const { return up_ && queue_.empty() && outstanding_ == 0; }
  [[nodiscard]] bool is_up() const { return up_; }
  [[nodiscard]] std::int64_t session() const { return session_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Conversation>>& conversations() const { return conversations_; }

 private:
  void dial();
  void dial_later(std::int64_t delay_us);
  void on_arrival(const Arrival& arrival);
  void on_closed();
  void on_session(const Arrival& arrival);
  void on_reply(const Arrival& arrival);
  void on_event(const Arrival& arrival);
  // Logs in as a user of kUsers; kNobody: with an unknown scheme.
  void log_in(int user);
  void renew_watches();
  void pump();
  void send(Ask ask);
  void look_after(std::int64_t generation);
  void forget_session();
  void lose();
  void cut();
  void note_wait(std::int64_t since_us);
  [[nodiscard]] Ask resolved(Ask ask) const;
  Conversation& now() { return *conversations_.back(); }

  Simulation& world_;
  int number_;
  ClientPlan plan_;
  Client client_;
  std::vector<std::unique_ptr<Conversation>> conversations_;
  std::deque<Item> queue_;
  std::set<int> users_;  // logs in as these whenever it connects
  bool up_ = false;
  bool retired_ = false;
  bool dialing_ = false;
  bool uses_wrong_password_ = false;  // uses a wrong password for the next connection
  std::int64_t generation_ = 0;       // counts connections
  std::size_t outstanding_ = 0;
  std::size_t answered_ = 0;  // number of answered requests in now().sent
  std::int64_t heard_us_ = 0;
  std::int64_t session_ = 0;
  std::string password_ = std::string(16, '\0');
  std::int64_t zxid_ = 0;
  std::int32_t next_xid_ = 1;
  std::string last_created_ = "/a";
  std::string first_child_ = "/a";
  std::int32_t last_version_ = 0;
  std::set<std::string> data_watches_, exist_watches_, child_watches_, persistent_watches_, recursive_watches_;
};

}  // namespace quoll::sim
