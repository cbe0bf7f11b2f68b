// Sessions as clients meet them: opened, taken up again, moved to another connection, expired.
#pragma once

#include <deque>
#include <memory>

#include "server/connections.h"
#include "server/core.h"
#include "server/requests.h"
#include "session/passwords.h"

namespace quoll::server {

class ClientSessions {
 public:
  ClientSessions(Core& core, Connections& connections, Requests& requests);

  // Before the start; without it passwords are Apache's.
  void set_passwords(session::Passwords passwords) { passwords_ = std::move(passwords); }
  // The sessions that recovery has found get their whole timeout again; ids go on above them all. What belongs to
  // sessions that recovery has not found goes.
  void start();
  void on_connect(ClientConnection& from, const ConnectRequest& request);
  // A new session's createSession has been applied, or an old one is valid: the answer to the connect request.
  void on_established(ClientConnection& connection);
  void on_closed(SessionId session);

 private:
  void open(ClientConnection& from);
  void take_up(ClientConnection& from, SessionId id, std::string_view password);
  void refuse(ClientConnection& from, SessionId id, std::string_view why);
  void end_strangers();
  void expire();
  void wait_for_next();
  void look_again(std::int64_t delay_ms);
  // Closes some of those whose time is up, and the rest when others have had their turn.
  void close_dead();

  Core& core_;
  Connections& connections_;
  Requests& requests_;
  session::Passwords passwords_;
  SessionId next_id_;
  std::unique_ptr<env::Timer> timer_;
  std::int64_t due_ms_ = 0;
  std::deque<SessionId> dead_;  // their time was up, or nobody knows them; they are not closed yet
  std::unique_ptr<env::Timer> close_timer_;
  std::int64_t read_first_ms_ = 0;  // given since the first look for what clients have sent to be read; 0: no look yet
};

}  // namespace quoll::server
