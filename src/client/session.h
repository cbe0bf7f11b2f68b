// A client's session: connects, reconnects, resumes, sends authentication and watches again, and carries calls. It
// knows requests and answers, but not what an operation means; client.h does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/call_queue.h"
#include "client/link.h"
#include "client/options.h"
#include "client/search.h"
#include "client/server_list.h"
#include "client/watch_book.h"
#include "sasl/digest_client.h"

namespace quoll::client {

// Life of a session. start() begins to connect. Whenever a connection is lost, calls that were sent fail with
// connection_loss and Fate::may_be_applied; calls that were not sent wait for the next connection, but no longer than
// the session timeout. The next server gets the session's id and password, then everything that was passed to add_auth,
// then the watches, then the waiting calls. The server decides whether the session is still alive: after its timeout, a
// client that cannot reach any server stays `connecting`, and only `proven_us` tells it that the session may be gone.
//
// All calls and callbacks happen on one loop. Callbacks may make calls, but must not destroy the session.
class Session : private LinkOwner {
 public:
  // `options` must be valid: at least one server. The world must outlive the session.
  Session(const World& world, Options options);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Called for each change of the state, before watchers are told.
  void on_state(std::function<void(State)> then) { on_state_ = std::move(then); }
  void start();

  // Sends a request, or lets it wait for the connection. `timeout_ms`: 0 for the default of the options.
  CallId call(OpCode op, const RequestBody& body, std::int64_t timeout_ms, AnswerDone done);
  // Ends a call for its caller, with request_timeout. False: it is over already.
  bool cancel(CallId id);
  // Calls `done` with a failure soon, from the loop. For requests that the client itself refuses.
  void refuse(Failure failure, AnswerDone done);

  // Sent now and to each new server. A server's refusal ends the session (State::auth_failed).
  void add_auth(std::string scheme, std::string auth, std::move_only_function<void(Result<void>)> done);
  // Ends the session: the server deletes its ephemerals. Earlier calls are answered first. Without a connection the
  // session is left to expire. `done` is called when nothing is left to be sent.
  void close(std::move_only_function<void()> done);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] std::int64_t id() const { return session_id_; }
  [[nodiscard]] const std::string& password() const { return password_; }
  // What the server has granted; what is asked for, before the first connection.
  [[nodiscard]] std::int64_t timeout_ms() const { return timeout_ms_; }
  // When the last request that a server of this session has answered was sent, by Clock::elapsed_us. The session cannot
  // expire before its timeout has passed since then. What a server sends by itself proves nothing.
  [[nodiscard]] std::int64_t proven_us() const { return proven_us_; }
  [[nodiscard]] std::int64_t last_zxid() const { return last_zxid_; }
  // The connected server, or the last one: "127.0.0.1:2181"; empty before the first.
  [[nodiscard]] const std::string& server() const { return server_; }
  // Why the last connection or attempt has ended.
  [[nodiscard]] const std::string& last_trouble() const { return trouble_; }
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] WatchBook& watches() { return watches_; }
  // "/app/a" for "/a" below the chroot "/app", and back. A path outside of the chroot stays as it is.
  [[nodiscard]] std::string server_path(const std::string& path) const;
  [[nodiscard]] std::string client_path(std::string_view path) const;
  // Delivers an event to those who watch it, as if a server had sent it.
  void tell(const WatchEvent& event, const std::vector<std::shared_ptr<Watcher>>& watchers);

 private:
  struct Auth {
    std::string scheme;
    std::string auth;
    std::move_only_function<void(Result<void>)> done;  // null: it was accepted once
  };

  void on_link_open(const ConnectResponse& response) override;
  bool on_link_frame(std::string_view payload, std::string& why) override;
  void on_link_down(std::string_view why) override;

  void connect_soon();
  void connect(const Endpoint& server);
  enum class Accept { any_server, only_with_quorum };
  [[nodiscard]] std::unique_ptr<Link> dial(const Endpoint& server, LinkOwner& owner, Accept accept);
  void begin_search();
  void move_to(std::unique_ptr<Link> link, const ConnectResponse& response);
  void send(Call call);
  void send_auth(const Auth& auth);
  void send_waiting();
  void on_notification(const ReplyHeader& header, std::string_view body);
  void on_auth_answer(Error error);
  void begin_login();
  void send_login(const std::string& token);
  void on_login_answer(Error error, std::string_view body);
  void refuse_login(std::string_view why);
  void begin_work();
  void prove(std::optional<std::int64_t> sent_us);
  [[nodiscard]] std::int64_t patience_ms() const;
  bool on_answer(const ReplyHeader& header, std::string_view body, std::string& why);
  void enter(State state);
  void end(State state, Error code, std::string_view text);
  void fail(std::vector<Call> calls, Error code, Fate fate, std::string_view text);
  void fail_auths(Error code, std::string_view text);
  void later(std::move_only_function<void()> then);
  void arm_deadline();
  void on_deadline();
  [[nodiscard]] Failure final_failure() const;
  [[nodiscard]] std::int64_t now_ms() const { return world_.clock.elapsed_ms(); }

  const World world_;
  const Options options_;
  ServerList servers_;
  WatchBook watches_;
  CallQueue calls_;
  // While a connection proves who this is.
  struct LoginUnderWay {
    sasl::DigestClient client;
    std::int32_t xid = 0;
  };
  std::optional<LoginUnderWay> login_;
  bool is_read_only_ = false;  // this server
  // A server with a quorum knows the session. One without gives ids that no other knows.
  bool is_known_to_quorum_ = false;
  std::vector<Auth> auths_;
  std::size_t auths_answered_ = 0;  // by this link's server
  std::function<void(State)> on_state_;
  State state_ = State::connecting;
  std::string final_text_;
  std::int64_t session_id_ = 0;
  std::string password_;
  std::int64_t timeout_ms_ = 0;
  std::int64_t last_zxid_ = 0;
  std::int64_t proven_us_ = 0;
  std::string server_;
  std::string trouble_;
  std::int32_t next_xid_ = 1;
  CallId next_call_ = 1;
  bool is_closing_ = false;
  std::move_only_function<void()> closed_;
  std::deque<std::move_only_function<void()>> later_;
  env::PostedCall later_call_;
  env::PostedCall drop_link_;
  std::unique_ptr<env::Timer> retry_;
  std::unique_ptr<env::Timer> deadline_timer_;
  std::int64_t deadline_armed_ms_ = kNoDeadline;
  std::unique_ptr<Link> link_;
  std::unique_ptr<Search> search_;  // while is_read_only_
};

}  // namespace quoll::client
