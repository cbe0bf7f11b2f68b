#include "quorum/leader_link.h"

#include <fmt/format.h>
#include <utility>
#include <variant>

#include "base/check.h"
#include "quorum/translate.h"

namespace quoll::quorum {

LeaderLink::LeaderLink(env::Env& env, const Options& options, Tell tell)
    : env_(env), options_(options), events_(env.timers, std::move(tell)), input_(packet_of_leader) {}

// ---- The link begins and ends.

void LeaderLink::dial(ServerId leader, std::int64_t delay_ms) {
  QUOLL_CHECK(options_.members.contains(leader), "only a member is elected");
  close();
  leader_ = leader;
  next_port_ = 0;
  delay_ = env_.timers.after(delay_ms, [this] {
    const auto ended = std::move(delay_);
    dial_next();
  });
}

void LeaderLink::dial_next() {
  const PortPair& port = options_.members.at(leader_).addresses[next_port_++];
  connection_ = env_.dialer.dial({.host = port.host,
                                  .port = port.quorum_port,
                                  .timeout_ms = options_.connect_timeout_ms,
                                  .security = options_.connects_with},
                                 *this);
}

std::string LeaderLink::address() const {
  if (connection_ == nullptr) return {};
  const env::Address& peer = connection_->peer();
  return peer.host.contains(':') ? fmt::format("[{}]:{}", peer.host, peer.port)
                                 : fmt::format("{}:{}", peer.host, peer.port);
}

void LeaderLink::on_connected() {
  const Authentication* const authentication = options_.authentication.get();
  if (authentication == nullptr || !authentication->connects_as) return become_open();
  std::string first;
  initiator_.emplace(*authentication, first);
  connection_->send(first);
  sasl_deadline_ = env_.timers.after(options_.connect_timeout_ms,
                                     [this] { lose(fmt::format("{}: it did not finish SASL in time", address())); });
}

void LeaderLink::authenticate(std::string_view bytes) {
  sasl_input_ += bytes;
  std::string out;
  const AuthVerdict verdict = initiator_->take(sasl_input_, out);
  if (!out.empty()) connection_->send(out);
  if (verdict == AuthVerdict::pending) return;
  if (verdict == AuthVerdict::refused) return lose(fmt::format("{}: {}", address(), initiator_->why()));
  initiator_.reset();
  sasl_deadline_.reset();
  input_.add(std::exchange(sasl_input_, {}));
  become_open();
  consume();
}

void LeaderLink::become_open() {
  is_open_ = true;
  env_.log.info("Connected to the leader, server {}, at {}", leader_.value(), address());
  events_.push(zab::LeaderConnected{});
}

void LeaderLink::on_closed(std::string_view why) {
  const std::string reason = initiator_ ? AuthInitiator::why_ended(why) : std::string(why);
  const std::string text = is_open_ ? reason : fmt::format("{}: {}", address(), reason);
  if (!is_open_ && next_port_ < options_.members.at(leader_).addresses.size()) {
    env_.log.info("The leader, server {}, can't be reached at {}; trying its next address", leader_.value(), text);
    drop_connection();
    return dial_next();
  }
  lose(text);
}

void LeaderLink::lose(std::string_view why) {
  const std::string text(why);
  env_.log.info("{} the leader, server {}: {}", is_open_ ? "Lost the link to" : "Cannot connect to", leader_.value(),
                text);
  drop_connection();
  events_.push(zab::LeaderLost{text});
}

void LeaderLink::drop_connection() {
  connection_.reset();
  is_open_ = false;
  is_paused_ = false;
  mode_ = Mode::packets;
  sink_ = nullptr;
  show_ = nullptr;
  input_.clear();
  out_ = {};
  initiator_.reset();
  sasl_input_.clear();
  sasl_deadline_.reset();
}

void LeaderLink::close() {
  delay_.reset();
  drop_connection();
  events_.clear();
}

// ---- Input.

void LeaderLink::on_data(std::string_view bytes) {
  if (initiator_) return authenticate(bytes);
  input_.add(bytes);
  consume();
}

void LeaderLink::consume() {
  if (!is_open_) return;
  if (mode_ == Mode::snapshot) consume_snapshot();
  if (mode_ == Mode::held && show_) show_packet();
  if (mode_ == Mode::packets) consume_packets();
  if (is_open_) adjust_reading();
}

void LeaderLink::consume_packets() {
  while (mode_ == Mode::packets) {
    auto packet = input_.next(options_.packet_limits);
    if (!packet) return lose(packet.error());
    if (!*packet) return;
    if (std::holds_alternative<zab::Snap>(**packet)) mode_ = Mode::waiting_for_sink;
    events_.push(zab::FromLeader{std::move(**packet)});
  }
}

void LeaderLink::consume_snapshot() {
  if (!input_.rest().empty()) {
    const std::size_t given = input_.rest().size();
    const auto taken = sink_->take(input_.rest());
    if (!taken) return lose(fmt::format("its snapshot can't be used: {}", taken.error()));
    QUOLL_CHECK(*taken <= given, "a sink takes what it is given");
    input_.remove(*taken);
    QUOLL_CHECK(*taken == given || sink_->is_complete(), "a snapshot takes all bytes until it is complete");
  }
  if (!sink_->is_complete()) return;
  mode_ = Mode::held;
  sink_ = nullptr;
}

void LeaderLink::show_packet() {
  const auto packet = input_.peek(options_.packet_limits);
  if (!packet) return lose(packet.error());
  if (*packet) std::exchange(show_, nullptr)(**packet);
}

void LeaderLink::adjust_reading() {
  // A packet that is waited for may be longer than what may be pending.
  const bool is_awaited = mode_ == Mode::packets || (mode_ == Mode::held && show_);
  const std::size_t pending = is_awaited ? 0 : mode_ == Mode::snapshot ? sink_->pending_bytes() : input_.rest().size();
  const bool pauses = pending > kPendingBytesMax;
  if (pauses == is_paused_) return;
  is_paused_ = pauses;
  if (pauses) {
    connection_->pause_reading();
  } else {
    connection_->resume_reading();
  }
}

void LeaderLink::receive_snapshot(SnapshotSink& sink) {
  if (!is_open_) return;  // LeaderLost is on its way
  QUOLL_CHECK(mode_ == Mode::waiting_for_sink, "a snapshot is received after SNAP");
  mode_ = Mode::snapshot;
  sink_ = &sink;
  consume_later();
}

void LeaderLink::resume_reading() {
  if (is_open_ && mode_ == Mode::snapshot) adjust_reading();
}

void LeaderLink::resume_packets() {
  if (!is_open_) return;
  QUOLL_CHECK(mode_ == Mode::held, "packets wait for the end of a snapshot");
  mode_ = Mode::packets;
  consume_later();
}

void LeaderLink::show_next(Show show) {
  if (!is_open_) return;
  QUOLL_CHECK(mode_ == Mode::snapshot || mode_ == Mode::held, "a packet is shown from behind a snapshot");
  show_ = std::move(show);
  consume_later();
}

void LeaderLink::consume_later() {
  consume_.post(env_.timers, [this] { consume(); });
}

// ---- Output.

void LeaderLink::send(const zab::Packet& packet) {
  if (!is_open_) return;
  append_packet(packet, out_);
  if (const std::size_t queued = queued_bytes(); queued > options_.link_queue_bytes_max)
    return lose(fmt::format("it does not take what it is sent: {} bytes are queued", queued));
  if (out_.size() >= kFlushBytes) return flush();
  flush_.post(env_.timers, [this] { flush(); });
}

void LeaderLink::flush() {
  if (is_open_ && !out_.empty()) connection_->send_owned(std::exchange(out_, {}));
}

std::size_t LeaderLink::queued_bytes() const {
  return is_open_ ? connection_->queued_bytes() + out_.size() : 0;
}

}  // namespace quoll::quorum
