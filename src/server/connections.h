// Every client connection of a server: who may come in, who has something to send, who has gone.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/client_connection.h"
#include "server/core.h"

namespace quoll::server {

class Connections {
 public:
  Connections(Core& core, FrontDesk& desk) : core_(core), desk_(desk) {}

  // nullptr: turned away.
  env::ConnectionHandler* accept(std::unique_ptr<env::Connection> transport);
  // nullptr: gone.
  [[nodiscard]] ClientConnection* find(ConnectionId id) const;
  [[nodiscard]] ClientConnection* of_session(SessionId session) const;
  // From now on `session` speaks through this connection.
  void attach_session(SessionId session, ClientConnection& connection);

  // Those that are still there are read from again, unless another reason is left.
  void release(const std::vector<ConnectionId>& held, ReadGate::Reason reason);
  // Gives up those who have the most in flight, until all together have little enough.
  void relieve();
  // They are dropped when nobody is in the middle of something with them.
  void drop_given_up();
  void note_output(ClientConnection& connection) { with_output_.push_back(connection.id()); }
  // Sends what this event has produced: one call a connection.
  void flush_outputs();
  // Forgets the connection; it is destroyed at the end of the event, since it may be on the stack.
  void remove(ClientConnection& connection, std::string_view why);
  void bury();
  // Closes connections that have had no session for too long.
  void sweep();
  void close_all();

  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  // Oldest first.
  [[nodiscard]] std::vector<ConnectionId> ids() const;
  template <typename Visit>  // void(ClientConnection&), oldest first
  void for_each(Visit&& visit) const {
    for (const ConnectionId id : ids()) visit(*find(id));
  }

 private:
  void forget_watches_later();
  [[nodiscard]] bool admits(const env::Address& peer);

  Core& core_;
  FrontDesk& desk_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<ConnectionId, std::unique_ptr<ClientConnection>> by_id_;
  std::unordered_map<SessionId, ConnectionId> by_session_;
  std::unordered_map<std::string, int> by_host_;
  // In the order of their coming; it may have got a session by now, or have gone.
  struct Newcomer {
    ConnectionId id;
    std::int64_t since_ms;
  };
  std::deque<Newcomer> newcomers_;
  std::vector<ConnectionId> with_output_;
  std::vector<ConnectionId> given_up_;
  bool nobody_to_give_up_ = false;  // in this event
  std::vector<std::unique_ptr<ClientConnection>> dead_;
  std::unique_ptr<env::Timer> forget_timer_;
};

}  // namespace quoll::server
