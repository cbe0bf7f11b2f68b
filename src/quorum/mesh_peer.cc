#include "quorum/mesh_peer.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "quorum/translate.h"
#include "wire/election_frames.h"

namespace quoll::quorum {

namespace {
std::string text_of(const std::string& host, std::uint16_t port) {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}
}  // namespace

MeshPeer::MeshPeer(env::Env& env, const Options& options, ServerId id, std::string hello, EventQueue& events)
    : env_(env), options_(options), id_(id), hello_(std::move(hello)), events_(events) {}

const PortPair& MeshPeer::port() const {
  const auto& addresses = options_.members.at(id_).addresses;
  return addresses[next_port_ % addresses.size()];
}

std::string MeshPeer::address() const {
  if (state_ == State::open) return text_of(connection_->peer().host, connection_->peer().port);
  return text_of(port().host, port().election_port);
}

bool MeshPeer::is_asked() const {
  return env_.clock.elapsed_ms() - asked_ms_ < kAskedMs;
}

void MeshPeer::after(std::int64_t delay_ms, void (MeshPeer::*then)()) {
  timer_ = env_.timers.after(delay_ms, [this, then] {
    const auto ended = std::move(timer_);
    (this->*then)();
  });
}

// ---- Messages.

void MeshPeer::send(const zab::Notification& notification) {
  asked_ms_ = env_.clock.elapsed_ms();
  newest_.clear();
  append_notification(notification, newest_);
  last_ = newest_;
  if (state_ == State::open) return flush();
  // While a timer runs, it was tried a moment ago.
  if (state_ == State::idle && timer_ == nullptr) dial();
}

void MeshPeer::flush() {
  if (state_ != State::open || newest_.empty() || connection_->queued_bytes() > 0) return;
  timer_.reset();  // the silence is over
  connection_->send(std::exchange(newest_, {}));
}

void MeshPeer::on_data(std::string_view bytes) {
  if (state_ != State::open && !initiator_) return;
  input_ += bytes;
  if (initiator_) return authenticate();
  parse();
}

void MeshPeer::parse() {
  std::size_t at = 0;
  while (true) {
    const auto read = wire::read_election_message(std::string_view(input_).substr(at));
    if (!read) {
      close();
      return on_lost("it sent a message of an impossible length");
    }
    if (!*read) break;
    at += (*read)->bytes;
    redial_ms_ = kRedialFirstMs;
    timer_.reset();  // the silence is over
    if (!(*read)->message) continue;
    if (auto notification = notification_of(*(*read)->message))
      events_.push(zab::NotificationReceived{id_, std::move(*notification)});
  }
  input_.erase(0, at);
}

// ---- Connecting.

void MeshPeer::dial() {
  timer_.reset();
  state_ = State::dialling;
  connection_ = env_.dialer.dial({.host = port().host,
                                  .port = port().election_port,
                                  .timeout_ms = options_.connect_timeout_ms,
                                  .security = options_.connects_with,
                                  .unconfirmed_ms_max = options_.election_unconfirmed_ms_max},
                                 *this);
}

void MeshPeer::on_connected() {
  // In one piece: Apache's server takes a hello that comes in two for a false one.
  std::string first = hello_;
  const Authentication* const authentication = options_.authentication.get();
  if (authentication != nullptr && authentication->connects_as) initiator_.emplace(*authentication, first);
  connection_->send(first);
  if (!initiator_) return on_introduced();
  after(options_.connect_timeout_ms, &MeshPeer::on_sasl_late);
}

void MeshPeer::authenticate() {
  std::string out;
  const AuthVerdict verdict = initiator_->take(input_, out);
  if (!out.empty()) connection_->send(out);
  if (verdict == AuthVerdict::pending) return;
  if (verdict == AuthVerdict::refused) {
    const std::string why = initiator_->why();
    close();
    return on_sasl_failed(why);
  }
  initiator_.reset();
  timer_.reset();
  on_introduced();
  if (state_ == State::open) parse();
}

void MeshPeer::on_sasl_late() {
  close();
  on_sasl_failed("it did not finish SASL in time");
}

// Said also of a member that could not be reached before: it is there now, and somebody must change something.
void MeshPeer::on_sasl_failed(const std::string& why) {
  if (reach_ == Reach::unreachable && why != sasl_error_)
    env_.log.warn("Waiting for server {} at {}: {}", id_.value(), address(), why);
  sasl_error_ = why;
  on_dial_failed(why);
}

void MeshPeer::on_introduced() {
  if (options_.self > id_) return become_open();
  connection_->close_after_sending();
  connection_.reset();
  greeted_ms_ = env_.clock.elapsed_ms();
  state_ = State::waiting_for_call;
  after(options_.connect_timeout_ms, &MeshPeer::on_no_call);
}

void MeshPeer::call_back() {
  is_called_ = true;
  if (state_ == State::dialling) return;
  close();
  dial();
}

void MeshPeer::adopt(std::unique_ptr<env::Connection> connection, std::string_view rest) {
  close();
  connection_ = std::move(connection);
  connection_->attach(*this);
  become_open();
  on_data(rest);
}

void MeshPeer::become_open() {
  timer_.reset();
  state_ = State::open;
  ports_tried_ = 0;
  opened_ms_ = env_.clock.elapsed_ms();
  if (reach_ != Reach::reachable) env_.log.info("Connected to server {} at {} for elections", id_.value(), address());
  reach_ = Reach::reachable;
  sasl_error_.clear();
  // Told of every connection: what was sent on the one before may be lost.
  events_.push(zab::PeerReachable{id_});
  if (!is_asked()) newest_.clear();  // it would be old by now
  if (std::exchange(is_called_, false)) after(kSilenceMs, &MeshPeer::break_silence);
  flush();
}

// As Apache's servers, which say the last message again on each new connection; old ones do no harm.
void MeshPeer::break_silence() {
  if (state_ != State::open || !newest_.empty()) return;
  newest_ = last_;
  flush();
}

void MeshPeer::close() {
  connection_.reset();
  initiator_.reset();
  timer_.reset();
  input_.clear();
  state_ = State::idle;
}

void MeshPeer::on_closed(std::string_view why) {
  const State before = state_;
  const bool in_sasl = initiator_.has_value();
  const std::string reason = in_sasl ? AuthInitiator::why_ended(why) : std::string(why);
  close();
  if (in_sasl) return on_sasl_failed(reason);
  if (before == State::dialling) return on_dial_failed(reason);
  if (before == State::open) on_lost(reason);
}

void MeshPeer::on_dial_failed(std::string_view why) {
  const std::string place = address();
  const bool has_more = ++ports_tried_ % options_.members.at(id_).addresses.size() != 0;
  ++next_port_;
  if (has_more) return dial();
  set_unreachable(fmt::format("{}: {}", place, why));
  redial_later();
}

void MeshPeer::on_no_call() {
  state_ = State::idle;
  set_unreachable(
      fmt::format("{}: it was asked to connect to this server, whose id is smaller, and did not", address()));
  redial_later();
}

void MeshPeer::on_lost(std::string_view why) {
  env_.log.info("The election connection to server {} has ended: {}", id_.value(), why);
  const std::int64_t now_ms = env_.clock.elapsed_ms();
  // Dialling tells at once whether it is still there; but one that takes every connection and ends it is not dialled
  // all the time. Nor is one that ended this connection because it is about to dial back.
  if (options_.self < id_ && now_ms - greeted_ms_ < kCallGraceMs) {
    state_ = State::waiting_for_call;
    return after(kCallGraceMs, &MeshPeer::dial);
  }
  if (now_ms - opened_ms_ >= kGoodMs) redial_ms_ = kRedialFirstMs;
  after(redial_ms_ - kRedialFirstMs, &MeshPeer::dial);
  redial_ms_ = std::min(2 * redial_ms_, kRedialMaxMs);
}

void MeshPeer::redial_later() {
  if (!is_asked()) return;
  after(redial_ms_, &MeshPeer::dial);
  redial_ms_ = std::min(2 * redial_ms_, kRedialMaxMs);
}

void MeshPeer::set_unreachable(std::string_view why) {
  last_error_ = why;
  if (reach_ == Reach::unreachable) return;
  env_.log.warn("Waiting for server {} at {}", id_.value(), why);
  reach_ = Reach::unreachable;
  events_.push(zab::PeerUnreachable{id_});
}

}  // namespace quoll::quorum
