// All client connections of a server: admission, output, removal.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/client_connection.h"
#include "server/core.h"

namespace quoll::server {

class Connections {
 public:
  Connections(Core& core, RequestHandler& handler) : core_(core), handler_(handler) {}

  // nullptr if the connection is refused.
  env::ConnectionHandler* accept(std::unique_ptr<env::Connection> transport);
  // nullptr if the connection has been closed.
  [[nodiscard]] ClientConnection* find(ConnectionId id) { return look_up(id); }
  [[nodiscard]] const ClientConnection* find(ConnectionId id) const { return look_up(id); }
  [[nodiscard]] ClientConnection* of_session(SessionId session);
  // Makes this connection the one of `session`.
  void attach_session(SessionId session, ClientConnection& connection);

  // Those that are still there are read from again, unless another reason is left.
  void release(const std::vector<ConnectionId>& held, ReadGate::Reason reason);
  // Marks the connections with the most bytes in flight for closing, until the sum is below the limit.
  void cut_off_largest();
  // Closes the marked connections. Called when no connection is being processed.
  void drop_cut_off();
  void note_output(ClientConnection& connection) { with_output_.push_back(connection.id()); }
  // Sends the output of this event, with one call per connection.
  void flush_outputs();
  // Removes the connection. It is destroyed at the end of the event, because its code may be on the stack.
  void remove(ClientConnection& connection, std::string_view why);
  void destroy_closed();
  // Closes connections that have had no session for too long.
  void close_overdue();
  // Closes all; they are destroyed at the end of the event.
  void drop_all(std::string_view why);
  void close_all();

  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  // Oldest first.
  [[nodiscard]] std::vector<ConnectionId> ids() const;
  template <typename Visit>  // void(ClientConnection&), oldest first
  void for_each(Visit&& visit) {
    for (const ConnectionId id : ids()) visit(*find(id));
  }
  template <typename Visit>  // void(const ClientConnection&), oldest first
  void for_each(Visit&& visit) const {
    for (const ConnectionId id : ids()) visit(*find(id));
  }

 private:
  [[nodiscard]] ClientConnection* look_up(ConnectionId id) const;
  void forget_watches_later();
  [[nodiscard]] bool admits(const env::Address& peer);

  Core& core_;
  RequestHandler& handler_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<ConnectionId, std::unique_ptr<ClientConnection>> by_id_;
  std::unordered_map<SessionId, ConnectionId> by_session_;
  std::map<std::string, int> by_host_;
  // In order of acceptance. The connection may have got a session or have been closed since.
  struct Sessionless {
    ConnectionId id;
    std::int64_t since_ms;
  };
  std::deque<Sessionless> sessionless_;
  std::vector<ConnectionId> with_output_;
  std::vector<ConnectionId> cut_off_;
  bool nothing_to_cut_off_ = false;  // during this event
  std::vector<std::unique_ptr<ClientConnection>> closed_;
  std::unique_ptr<env::Timer> forget_timer_;
};

}  // namespace quoll::server
