#include "quorum/packet_input.h"

namespace quoll::quorum {

namespace {
// A larger buffer is given back when it is empty.
constexpr std::size_t kKeptBytes = 64 * 1024;
}  // namespace

std::expected<std::optional<PacketInput::Found>, std::string> PacketInput::find(const wire::QuorumLimits& limits) {
  const auto read = wire::read_quorum_packet(rest(), limits);
  if (!read) {
    return std::unexpected(read.error() == wire::QuorumError::type
                               ? "it sent bytes that are no packet of the quorum port"
                               : "it sent a packet of an impossible length. If its jute.maxbuffer is larger than that "
                                 "of this server, make them equal");
  }
  if (!*read) {
    // Only the beginning of one packet is left, so this moves little.
    bytes_.erase(0, taken_);
    taken_ = 0;
    if (bytes_.empty() && bytes_.capacity() > kKeptBytes) bytes_ = {};
    return std::nullopt;
  }
  auto packet = translate_((*read)->packet);
  if (!packet) return std::unexpected(packet.error());
  return Found{std::move(*packet), (*read)->bytes};
}

std::expected<std::optional<zab::Packet>, std::string> PacketInput::next(const wire::QuorumLimits& limits) {
  auto found = find(limits);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return std::nullopt;
  remove((*found)->bytes);
  return std::move((*found)->packet);
}

std::expected<std::optional<zab::Packet>, std::string> PacketInput::peek(const wire::QuorumLimits& limits) {
  auto found = find(limits);
  if (!found) return std::unexpected(std::move(found.error()));
  if (!*found) return std::nullopt;
  return std::move((*found)->packet);
}

void PacketInput::remove(std::size_t count) {
  taken_ += count;
  if (taken_ == bytes_.size()) clear();
}

void PacketInput::clear() {
  bytes_.clear();
  if (bytes_.capacity() > kKeptBytes) bytes_ = {};
  taken_ = 0;
}

}  // namespace quoll::quorum
