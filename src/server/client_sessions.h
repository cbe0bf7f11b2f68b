// Sessions of clients: opening, reattaching to a new connection, expiry.
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
  // Recovered sessions get their full timeout again, and new ids are greater than theirs. Sessions that own ephemerals
  // but were not in the snapshot are closed.
  void start();
  void on_connect(ClientConnection& from, const ConnectRequest& request);
  // A session is established: its createSession has been applied, or a reattached session is valid. Sends the connect
  // response.
  void on_established(ClientConnection& connection);
  void on_closed(SessionId session);

 private:
  void open(ClientConnection& from);
  void reattach(ClientConnection& from, SessionId id, std::string_view password);
  void refuse(ClientConnection& from, SessionId id, std::string_view why);
  void close_unlisted_sessions();
  void expire();
  void wait_for_next();
  void check_again(std::int64_t delay_ms);
  // Closes a limited number of expired sessions, and schedules the rest after other events.
  void close_expired();

  Core& core_;
  Connections& connections_;
  Requests& requests_;
  session::Passwords passwords_;
  SessionId next_id_;
  std::unique_ptr<env::Timer> timer_;
  std::int64_t due_ms_ = 0;
  std::deque<SessionId> expired_;  // expired, or not in the recovered snapshot; not closed yet
  std::unique_ptr<env::Timer> close_timer_;
  std::int64_t grace_ms_ =
      0;  // grace period of the current expiry check, in which clients' input is read; 0: no check is under way
};

}  // namespace quoll::server
