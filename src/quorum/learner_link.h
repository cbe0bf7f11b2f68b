// One accepted connection of the quorum port: a learner's link, as the leader has it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "env/network.h"
#include "quorum/options.h"
#include "quorum/packet_input.h"
#include "zab/events.h"

namespace quoll::quorum {

class LearnerLink : public env::ConnectionHandler {
 public:
  // What the port does with what comes on its links. Each call may end the link, but not destroy it.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_packet(LearnerLink& link, zab::Packet packet) = 0;
    virtual void on_ended(LearnerLink& link, std::string_view why) = 0;
    virtual void on_taken(LearnerLink& link) = 0;  // all that was queued
    // SASL is over, and its first packet may come.
    virtual void on_let_in(LearnerLink& link, const AuthAcceptor& acceptor) = 0;
  };

  // `owner` and `options` must outlive the link.
  LearnerLink(zab::LinkId id, Owner& owner, const Options& options, std::unique_ptr<env::Connection> connection);

  [[nodiscard]] zab::LinkId id() const { return id_; }
  [[nodiscard]] bool is_open() const { return connection_ != nullptr; }
  // nullopt: its first packet has not come.
  [[nodiscard]] const std::optional<ServerId>& learner() const { return learner_; }
  // "10.0.0.3:40112"
  [[nodiscard]] const env::Address& peer() const { return peer_; }

  // Queues the bytes of a packet; flush() sends what is queued.
  void send(std::string_view packet);
  void flush();
  // Between these, packets wait, and bytes of a snapshot go in front of them.
  void begin_stream() { is_streaming_ = true; }
  void stream(std::string&& bytes);
  void end_stream();
  [[nodiscard]] std::size_t queued_bytes() const;

  void pause_reading();
  void resume_reading();
  void close();

 private:
  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;
  void on_drained() override;
  // Only what introduces a learner may come first, so that strangers can't fill the memory.
  [[nodiscard]] wire::QuorumLimits limits() const;
  void authenticate(std::string_view bytes);
  void take_packets();
  void take(zab::Packet packet);

  const zab::LinkId id_;
  Owner& owner_;
  const wire::QuorumLimits& limits_;
  std::unique_ptr<env::Connection> connection_;  // nullptr: it has ended
  const env::Address peer_;
  std::optional<ServerId> learner_;
  std::optional<AuthAcceptor> acceptor_;  // while SASL is under way
  std::string sasl_input_;                // for it
  PacketInput input_;
  std::string out_;      // not given to the connection yet
  std::string waiting_;  // packets that wait for the end of a snapshot
  bool is_streaming_ = false;
};

}  // namespace quoll::quorum
