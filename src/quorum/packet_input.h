// The bytes received on a link of the quorum port, and the packets in them.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "types/quorum_packets.h"
#include "wire/quorum_frames.h"
#include "zab/packet.h"

namespace quoll::quorum {

// Packets are sent at the end of an event, or when so much of them is collected.
inline constexpr std::size_t kFlushBytes = std::size_t{64} * 1024;

class PacketInput {
 public:
  using Translate = std::expected<zab::Packet, std::string> (*)(const QuorumPacket&);

  // Which packets are expected: packet_of_leader or packet_of_learner.
  explicit PacketInput(Translate translate) : translate_(translate) {}

  void add(std::string_view bytes) { bytes_ += bytes; }
  // Takes the next packet; nullopt: it is not all there. The error says why the bytes are none; the link must end.
  std::expected<std::optional<zab::Packet>, std::string> next(const wire::QuorumLimits& limits);
  // The same, but leaves it where it is.
  std::expected<std::optional<zab::Packet>, std::string> peek(const wire::QuorumLimits& limits);
  // What follows the packets that were taken.
  [[nodiscard]] std::string_view rest() const { return std::string_view(bytes_).substr(taken_); }
  void remove(std::size_t count);
  void clear();

 private:
  struct Found {
    zab::Packet packet;
    std::size_t bytes = 0;
  };
  std::expected<std::optional<Found>, std::string> find(const wire::QuorumLimits& limits);

  Translate translate_;
  std::string bytes_;
  std::size_t taken_ = 0;  // of bytes_
};

}  // namespace quoll::quorum
