#include "quorum/learner_link.h"

#include <utility>

#include "base/check.h"
#include "quorum/translate.h"

namespace quoll::quorum {

namespace {
// The data of FOLLOWERINFO has 20 bytes.
constexpr wire::QuorumLimits kFirstPacketLimits{.data_bytes_max = 64, .auth_bytes_max = 0};
}  // namespace

LearnerLink::LearnerLink(zab::LinkId id, Owner& owner, const Options& options,
                         std::unique_ptr<env::Connection> connection)
    : id_(id),
      owner_(owner),
      limits_(options.packet_limits),
      connection_(std::move(connection)),
      peer_(connection_->peer()),
      input_(packet_of_learner) {
  if (options.authentication != nullptr) acceptor_.emplace(*options.authentication);
  connection_->attach(*this);
}

wire::QuorumLimits LearnerLink::limits() const {
  return learner_ ? limits_ : kFirstPacketLimits;
}

void LearnerLink::on_data(std::string_view bytes) {
  if (!is_open()) return;
  if (acceptor_) return authenticate(bytes);
  input_.add(bytes);
  take_packets();
}

void LearnerLink::authenticate(std::string_view bytes) {
  sasl_input_ += bytes;
  std::string out;
  const AuthVerdict verdict = acceptor_->take(sasl_input_, out);
  if (!out.empty()) connection_->send(out);
  if (verdict == AuthVerdict::pending) return;
  if (verdict == AuthVerdict::refused) {
    // What was sent last says why.
    connection_->close_after_sending();
    return owner_.on_ended(*this, acceptor_->why());
  }
  owner_.on_let_in(*this, *acceptor_);
  acceptor_.reset();
  input_.add(std::exchange(sasl_input_, {}));
  take_packets();
}

void LearnerLink::take_packets() {
  while (is_open()) {
    auto packet = input_.next(limits());
    if (!packet) return owner_.on_ended(*this, packet.error());
    if (!*packet) return;
    take(std::move(**packet));
  }
}

void LearnerLink::take(zab::Packet packet) {
  if (!learner_) {
    const auto* const info = std::get_if<zab::LearnerInfo>(&packet);
    if (info == nullptr) return owner_.on_ended(*this, "its first packet does not say who it is");
    learner_ = info->id;
  }
  owner_.on_packet(*this, std::move(packet));
}

void LearnerLink::on_closed(std::string_view why) {
  if (!is_open()) return;
  const std::string reason(why);
  connection_.reset();
  owner_.on_ended(*this, reason);
}

void LearnerLink::on_drained() {
  if (is_open() && queued_bytes() == waiting_.size()) owner_.on_taken(*this);
}

void LearnerLink::send(std::string_view packet) {
  if (!is_open()) return;
  (is_streaming_ ? waiting_ : out_) += packet;
  if (out_.size() >= kFlushBytes) flush();
}

void LearnerLink::flush() {
  if (is_open() && !out_.empty()) connection_->send_owned(std::exchange(out_, {}));
}

void LearnerLink::stream(std::string&& bytes) {
  QUOLL_CHECK(is_streaming_, "a snapshot is sent between begin and end");
  flush();
  if (is_open()) connection_->send_owned(std::move(bytes));
}

void LearnerLink::end_stream() {
  is_streaming_ = false;
  out_ += std::exchange(waiting_, {});
  flush();
}

std::size_t LearnerLink::queued_bytes() const {
  return is_open() ? connection_->queued_bytes() + out_.size() + waiting_.size() : 0;
}

void LearnerLink::pause_reading() {
  if (is_open()) connection_->pause_reading();
}
void LearnerLink::resume_reading() {
  if (is_open()) connection_->resume_reading();
}

void LearnerLink::close() {
  connection_.reset();
  out_ = {};
  waiting_ = {};
}

}  // namespace quoll::quorum
