// Sessions of clients: opening, reattaching to a new connection, expiry.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

#include "server/connections.h"
#include "server/core.h"
#include "server/requests.h"
#include "server/session_ids.h"
#include "session/passwords.h"

namespace quoll::server {

class ClientSessions {
 public:
  // Asks the leader whether the session is open; on_revalidated() has the answer.
  using Revalidate = std::function<void(SessionId, std::int32_t timeout_ms)>;
  ClientSessions(Core& core, Connections& connections, Requests& requests, Revalidate revalidate);

  // Before the start; without it passwords are Apache's.
  void set_passwords(session::Passwords passwords) { passwords_ = std::move(passwords); }
  // Before anything else. `directory` is where the file with the session ids given so far is; the error is a sentence
  // for people.
  std::expected<void, std::string> start(const std::string& directory) {
    return ids_.start(directory, core_.recovered_session_max);
  }
  // Nothing in the directory changes any more.
  void stop() { ids_.stop(); }
  // The state is one that a leader has sent, or has been; it may show ids of this server that its own files do not.
  void serve();
  // This server leads, or runs alone: it decides which sessions have expired. All get their full timeout again.
  // Sessions that own ephemerals but were not in the snapshot are closed.
  void lead();
  // There is no leader any more; connections have been closed.
  void rest();
  void on_connect(ClientConnection& from, const ConnectRequest& request);
  // A session is established: its createSession has been applied, or a reattached session is valid. Sends the connect
  // response.
  void on_established(ClientConnection& connection);
  void on_closed(SessionId session);
  void on_revalidated(SessionId session, bool is_valid);

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
  Revalidate revalidate_;
  std::unordered_map<SessionId, ConnectionId> revalidating_;
  session::Passwords passwords_;
  SessionIds ids_;
  std::unique_ptr<env::Timer> timer_;
  std::int64_t due_ms_ = 0;
  std::deque<SessionId> expired_;  // expired, or not in the recovered snapshot; not closed yet
  std::unique_ptr<env::Timer> close_timer_;
  std::int64_t grace_ms_ =
      0;  // grace period of the current expiry check, in which clients' input is read; 0: no check is under way
};

}  // namespace quoll::server
