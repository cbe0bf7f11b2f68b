#include "client/session.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/check.h"
#include "wire/client_side_frames.h"

namespace quoll::client {

namespace {

constexpr std::int64_t kAttemptMsMin = 1000;
constexpr std::int64_t kPatienceMs = 60'000;
constexpr std::size_t kXidAt = 4;  // in a frame

Error code_of(State state) {
  if (state == State::expired) return Error::session_expired;
  if (state == State::auth_failed) return Error::auth_failed;
  return Error::connection_loss;
}

}  // namespace

Session::Session(const World& world, Options options)
    : world_(world),
      options_(std::move(options)),
      servers_(options_, world.random),
      is_known_to_quorum_(options_.session_id != 0),
      session_id_(options_.session_id),
      password_(options_.password.empty() ? std::string(16, '\0') : options_.password),
      timeout_ms_(options_.session_timeout_ms) {}

Session::~Session() = default;

void Session::start() {
  connect_soon();
}

void Session::prove(std::optional<std::int64_t> sent_us) {
  if (sent_us) proven_us_ = std::max(proven_us_, *sent_us);
}

// How long a server may say nothing, and a call may wait for one: the session timeout, unless a server has granted much
// more than was asked for.
std::int64_t Session::patience_ms() const {
  return std::min<std::int64_t>(timeout_ms_, std::max<std::int64_t>(options_.session_timeout_ms, kPatienceMs));
}

void Session::connect_soon() {
  const ServerList::Attempt attempt = servers_.next();
  retry_ = world_.timers.after(attempt.delay_ms, [this, server = attempt.server] { connect(server); });
}

void Session::connect(const Endpoint& server) {
  retry_.reset();
  auths_answered_ = 0;
  link_ = dial(server, *this, Accept::any_server);
  server_ = link_->server();
}

std::unique_ptr<Link> Session::dial(const Endpoint& server, LinkOwner& owner, Accept accept) {
  ConnectRequest request;
  request.last_zxid_seen = last_zxid_;
  request.timeout_ms = options_.session_timeout_ms;
  const std::string no_password(16, '\0');
  request.password = no_password;
  if (is_known_to_quorum_) {
    request.session_id = session_id_;
    request.password = password_;
  }
  request.read_only = options_.read_only && accept == Accept::any_server;
  std::string greeting;
  wire::append_connect_request(request, greeting);
  const auto share = std::max(kAttemptMsMin, patience_ms() / static_cast<std::int64_t>(servers_.count()));
  return std::make_unique<Link>(world_, owner, options_, server,
                                options_.connect_timeout_ms > 0 ? options_.connect_timeout_ms : share,
                                std::move(greeting));
}

void Session::begin_search() {
  if (servers_.count() < 2) return;
  search_ = std::make_unique<Search>(
      world_,
      [this](LinkOwner& owner) {
        return dial(servers_.other_than(link_->endpoint()), owner, Accept::only_with_quorum);
      },
      [this](std::unique_ptr<Link> link, const ConnectResponse& response) { move_to(std::move(link), response); });
}

// Nothing was written on the old connection; what was asked there may be asked again.
void Session::move_to(std::unique_ptr<Link> link, const ConnectResponse& response) {
  trouble_ = fmt::format("{}: it has no quorum, and {} has one", server_, link->server());
  auths_answered_ = 0;
  login_.reset();
  link->hand_over(*this);
  link_ = std::move(link);
  server_ = link_->server();
  std::vector<Call> lost = calls_.take_all_sent();
  enter(State::connecting);
  on_link_open(response);
  fail(std::move(lost), Error::connection_loss, Fate::may_be_applied,
       fmt::format("the connection to {} before the answer came", trouble_));
  search_.reset();
}

void Session::on_link_open(const ConnectResponse& response) {
  if (is_final(state_)) return;
  if (response.timeout_ms <= 0)
    return end(State::expired, Error::session_expired,
               fmt::format("{} says that session 0x{:x} has expired: its ephemerals and watches are gone. Make a new "
                           "client",
                           server_, session_id_));
  servers_.succeeded();
  prove(link_->greeted_us());
  session_id_ = response.session_id;
  password_ = response.password.str();
  timeout_ms_ = response.timeout_ms;
  link_->keep_alive(patience_ms());
  is_read_only_ = response.read_only.value_or(false);
  is_known_to_quorum_ = is_known_to_quorum_ || !is_read_only_;
  options_.login ? begin_login() : begin_work();
}

// Who this is has been proven, if it was to be.
void Session::begin_work() {
  for (const Auth& auth : auths_) send_auth(auth);
  watches_.catch_up(
      last_zxid_, [this](const std::string& path) { return server_path(path); }, options_.watch_frame_bytes_max,
      [this](OpCode op, const RequestBody& body) {
        wire::append_request({kSetWatchesXid, static_cast<std::int32_t>(op)}, body, link_->out());
      });
  enter(is_read_only_ ? State::connected_read_only : State::connected);
  if (is_connected(state_)) send_waiting();
  if (state_ == State::connected_read_only && !is_closing_) begin_search();
}

// As ZooKeeperSaslClient: an empty token, the server's challenge, the response, the server's proof.
void Session::begin_login() {
  const auto random = [this](std::size_t bytes) {
    std::string nonce;
    while (nonce.size() < bytes) nonce += static_cast<char>(world_.random.next() & 0xff);
    return nonce;
  };
  // ZooKeeperSaslClient's protocol and server name.
  login_.emplace(LoginUnderWay{sasl::DigestClient(*options_.login, "zookeeper", "zk-sasl-md5", random)});
  send_login("");
}

void Session::send_login(const std::string& token) {
  login_->xid = next_xid_;
  next_xid_ = next_xid_ == INT32_MAX ? 1 : next_xid_ + 1;
  wire::append_request({login_->xid, static_cast<std::int32_t>(OpCode::sasl)}, SaslRequest{token}, link_->out());
}

void Session::on_login_answer(Error error, std::string_view body) {
  if (error != Error::ok) return refuse_login(quoll::name(error));
  wire::Reader reader(body, static_cast<std::int64_t>(options_.reply_bytes_max));
  auto decoded = wire::decode_reply_body(OpCode::sasl, reader);
  if (!decoded) return refuse_login("its answer makes no sense");
  const auto& token = std::get<SaslReply>(*decoded).token;
  const std::string_view text = token.is_null() ? std::string_view() : token.view();
  const auto step = login_->client.step(text);
  if (!step) return refuse_login(step.error().reason);
  if (!login_->client.complete()) return send_login(*step);
  login_.reset();
  begin_work();
}

void Session::refuse_login(std::string_view why) {
  end(State::auth_failed, Error::auth_failed,
      fmt::format("{} did not accept the login of \"{}\": {}. Make a new client with the right user and password",
                  server_, options_.login->username, why));
}

void Session::send_auth(const Auth& auth) {
  wire::append_request({kAuthXid, static_cast<std::int32_t>(OpCode::auth)}, AuthRequest{0, auth.scheme, auth.auth},
                       link_->out());
}

void Session::add_auth(std::string scheme, std::string auth, std::move_only_function<void(Result<void>)> done) {
  if (is_final(state_)) {
    later([failure = final_failure(), done = std::move(done)]() mutable { done(std::unexpected(std::move(failure))); });
    return;
  }
  auths_.push_back({std::move(scheme), std::move(auth), std::move(done)});
  if (is_connected(state_)) send_auth(auths_.back());
}

void Session::on_auth_answer(Error error) {
  if (auths_answered_ >= auths_.size()) return;
  Auth& auth = auths_[auths_answered_++];
  if (error == Error::ok) {
    if (auto done = std::exchange(auth.done, nullptr)) done({});
    return;
  }
  end(State::auth_failed, Error::auth_failed,
      fmt::format("{} refused the authentication with scheme \"{}\". Make a new client with the right one", server_,
                  auth.scheme));
}

CallId Session::call(OpCode op, const RequestBody& body, std::int64_t timeout_ms, AnswerDone done) {
  if (is_final(state_) || is_closing_) return refuse(final_failure(), std::move(done)), 0;
  const std::size_t queued = calls_.waiting_bytes() + (link_ == nullptr ? 0 : link_->queued_bytes());
  if (calls_.count() >= options_.calls_max || queued >= options_.bytes_queued_max) {
    refuse({Error::throttled_op, Fate::not_sent,
            fmt::format("{} calls and {} bytes are waiting already; the limits are {} and {}. Wait for answers before "
                        "you make more",
                        calls_.count(), queued, options_.calls_max, options_.bytes_queued_max)},
           std::move(done));
    return 0;
  }
  Call call;
  call.id = next_call_++;
  call.op = op;
  call.done = std::move(done);
  if (timeout_ms <= 0) timeout_ms = options_.request_timeout_ms;
  if (timeout_ms > 0) call.own_deadline_ms = now_ms() + timeout_ms;
  call.deadline_ms = call.own_deadline_ms;
  const CallId id = call.id;
  if (is_connected(state_) && calls_.waiting_bytes() == 0) {
    call.sent_us = world_.clock.elapsed_us();
    call.xid = next_xid_;
    next_xid_ = next_xid_ == INT32_MAX ? 1 : next_xid_ + 1;
    wire::append_request({call.xid, static_cast<std::int32_t>(op)}, body, link_->out());
    calls_.sent(std::move(call));
  } else {
    call.deadline_ms = std::min(call.own_deadline_ms, now_ms() + patience_ms());
    wire::append_request({0, static_cast<std::int32_t>(op)}, body, call.frame);
    calls_.wait(std::move(call));
  }
  arm_deadline();
  return id;
}

void Session::send_waiting() {
  while (auto call = calls_.take_waiting()) {
    call->sent_us = world_.clock.elapsed_us();
    call->xid = next_xid_;
    next_xid_ = next_xid_ == INT32_MAX ? 1 : next_xid_ + 1;
    call->deadline_ms = call->own_deadline_ms;
    std::string bytes;
    wire::Writer(bytes).put(call->xid);
    call->frame.replace(kXidAt, bytes.size(), bytes);
    link_->out() += call->frame;
    call->frame = {};
    calls_.sent(std::move(*call));
  }
}

bool Session::on_link_frame(std::string_view payload, std::string& why) {
  if (is_final(state_)) return true;
  wire::Reader reader(payload, static_cast<std::int64_t>(options_.reply_bytes_max));
  ReplyHeader header;
  reader.get(header);
  if (!reader.ok()) return why = "the server sent a reply that is cut short", false;
  switch (header.xid) {
    case kNotificationXid:
      on_notification(header, reader.rest());
      return true;
    case kAuthXid:
      on_auth_answer(static_cast<Error>(header.err));
      return true;
    case kPingXid:
      prove(link_->take_ping());
      return true;
    case kSetWatchesXid:
      return true;
    default:
      if (login_ && header.xid == login_->xid) {
        on_login_answer(static_cast<Error>(header.err), reader.rest());
        return true;
      }
      return on_answer(header, reader.rest(), why);
  }
}

bool Session::on_answer(const ReplyHeader& header, std::string_view body, std::string& why) {
  const Call* const next = calls_.next_to_answer();
  if (next == nullptr || next->xid != header.xid) {
    why = fmt::format("the server answered request {}, but the next answer is that of request {}", header.xid,
                      next == nullptr ? "none" : std::to_string(next->xid));
    return false;
  }
  if (header.zxid > 0) last_zxid_ = header.zxid;
  Result<Answer> result;
  // A multi's reply says in its body what failed.
  if (header.err != 0) {
    result = std::unexpected(Failure{static_cast<Error>(header.err), Fate::answered, {}, {}, {}});
  } else {
    wire::Reader reader(body, static_cast<std::int64_t>(options_.reply_bytes_max));
    auto decoded = wire::decode_reply_body(next->op, reader);
    if (!decoded) {
      why = fmt::format("the server's answer to request {} (opcode {}) cannot be decoded", header.xid,
                        static_cast<std::int32_t>(next->op));
      return false;
    }
    result = Answer{header.zxid, std::move(*decoded)};
  }
  Call call = calls_.take_answered();
  prove(call.sent_us);
  if (call.done) call.done(std::move(result));
  return true;
}

void Session::on_notification(const ReplyHeader& header, std::string_view body) {
  WatcherEvent event;
  wire::Reader reader(body);
  reader.get(event);
  if (!reader.ok()) return;
  const WatchEvent told{static_cast<EventType>(event.type), client_path(event.path.view()), header.zxid};
  tell(told, watches_.take(told.type, told.path));
}

void Session::tell(const WatchEvent& event, const std::vector<std::shared_ptr<Watcher>>& watchers) {
  for (const auto& watcher : watchers) watcher->on_event(event);
}

void Session::on_link_down(std::string_view why) {
  trouble_ = fmt::format("{}: {}", server_, why);
  link_.reset();
  login_.reset();
  search_.reset();
  if (is_final(state_)) return;
  std::vector<Call> lost = calls_.take_all_sent();
  if (is_closing_) {
    end(State::closed, Error::connection_loss, "the connection ended while the session was being closed");
  } else {
    if (is_connected(state_)) enter(State::connecting);
    if (!is_final(state_)) connect_soon();
  }
  fail(std::move(lost), Error::connection_loss, Fate::may_be_applied,
       fmt::format("the connection to {} before the answer came", trouble_));
}

bool Session::cancel(CallId id) {
  auto abandoned = calls_.abandon(id);
  if (!abandoned) return false;
  later([done = std::move(abandoned->done), fate = abandoned->fate]() mutable {
    done(std::unexpected(Failure{Error::request_timeout, fate, "the call was cancelled", {}, {}}));
  });
  return true;
}

void Session::refuse(Failure failure, AnswerDone done) {
  later(
      [failure = std::move(failure), done = std::move(done)]() mutable { done(std::unexpected(std::move(failure))); });
}

void Session::close(std::move_only_function<void()> done) {
  if (is_final(state_)) return later(std::move(done));
  is_closing_ = true;
  closed_ = std::move(done);
  search_.reset();
  if (!is_connected(state_))
    return end(State::closed, Error::connection_loss, "the client was closed while it had no connection");
  Call call;
  call.id = next_call_++;
  call.op = OpCode::close_session;
  call.xid = next_xid_++;
  call.own_deadline_ms = call.deadline_ms = now_ms() + patience_ms();
  call.done = [this](const Result<Answer>&) { end(State::closed, Error::connection_loss, "the client was closed"); };
  wire::append_request({call.xid, static_cast<std::int32_t>(OpCode::close_session)}, EmptyRequest{}, link_->out());
  calls_.sent(std::move(call));
  arm_deadline();
}

void Session::enter(State state) {
  state_ = state;
  if (on_state_) on_state_(state);
  for (const auto& watcher : watches_.everybody()) watcher->on_state(state);
}

void Session::end(State state, Error code, std::string_view text) {
  if (is_final(state_)) return;
  final_text_ = text;
  trouble_ = text;
  retry_.reset();
  deadline_timer_.reset();
  // The link may be calling.
  drop_link_.post(world_.timers, [this] {
    link_.reset();
    search_.reset();
  });
  enter(state);
  fail(calls_.take_all_sent(), code, Fate::may_be_applied, text);
  fail(calls_.take_all_waiting(), code, Fate::not_sent, text);
  fail_auths(code, text);
  if (closed_) later(std::exchange(closed_, nullptr));
}

void Session::fail(std::vector<Call> calls, Error code, Fate fate, std::string_view text) {
  for (Call& call : calls) {
    if (call.done) refuse({code, fate, std::string(text), {}, {}}, std::move(call.done));
  }
}

void Session::fail_auths(Error code, std::string_view text) {
  for (Auth& auth : auths_) {
    if (!auth.done) continue;
    later([done = std::move(auth.done), failure = Failure{code, Fate::not_sent, std::string(text), {}, {}}]() mutable {
      done(std::unexpected(std::move(failure)));
    });
  }
  auths_.clear();
}

Failure Session::final_failure() const {
  return {is_final(state_) ? code_of(state_) : Error::connection_loss,
          Fate::not_sent,
          is_final(state_) ? final_text_ : "the client is being closed",
          {},
          {}};
}

void Session::later(std::move_only_function<void()> then) {
  later_.push_back(std::move(then));
  later_call_.post(world_.timers, [this] {
    auto calls = std::exchange(later_, {});
    for (auto& call : calls) call();
  });
}

void Session::arm_deadline() {
  const std::int64_t next = calls_.next_deadline_ms();
  if (next >= deadline_armed_ms_) return;
  deadline_armed_ms_ = next;
  deadline_timer_ = world_.timers.after(std::max<std::int64_t>(next - now_ms(), 0), [this] { on_deadline(); });
}

void Session::on_deadline() {
  deadline_armed_ms_ = kNoDeadline;
  for (const CallId id : calls_.overdue(now_ms())) {
    auto abandoned = calls_.abandon(id);
    if (!abandoned) continue;
    Failure failure{Error::request_timeout, abandoned->fate, "the deadline passed before the answer came", {}, {}};
    if (abandoned->lacked_connection) {
      failure.code = Error::connection_loss;
      failure.text = fmt::format("no server could be reached for {} ms, the session timeout{}{}", patience_ms(),
                                 trouble_.empty() ? "" : "; the last attempt: ", trouble_);
    }
    refuse(std::move(failure), std::move(abandoned->done));
  }
  arm_deadline();
}

std::string Session::server_path(const std::string& path) const {
  if (options_.chroot.empty()) return path;
  return path == "/" ? options_.chroot : options_.chroot + path;
}

std::string Session::client_path(std::string_view path) const {
  const std::string& chroot = options_.chroot;
  if (chroot.empty() || !path.starts_with(chroot)) return std::string(path);
  if (path.size() == chroot.size()) return "/";
  return path[chroot.size()] == '/' ? std::string(path.substr(chroot.size())) : std::string(path);
}

}  // namespace quoll::client
