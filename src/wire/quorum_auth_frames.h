// The packets with which servers authenticate to each other on both of their ports, before anything of the protocol
// that follows (org.apache.zookeeper.server.quorum.auth.QuorumAuth, and QuorumAuthPacket in zookeeper.jute).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/nullable.h"

namespace quoll::wire {

// Numbers that no other packet of these ports begins with. Who connects and does not authenticate sends something else.
inline constexpr std::int64_t kQuorumAuthMagic = 0x5f2435013501edcc;
// The longest token of DIGEST-MD5 in Java, whatever jute.maxbuffer is.
inline constexpr std::size_t kQuorumAuthTokenBytesMax = 4096;

struct QuorumAuthPacket {
  enum Status : std::int32_t { in_progress = 0, success = 1, error = -1 };
  std::int32_t status = in_progress;  // from others, any number
  base::NullableView token;
};

enum class QuorumAuthError {
  magic,   // it is no such packet
  length,  // of a token that is negative or longer than the limit
};

struct ReadQuorumAuth {
  QuorumAuthPacket packet;  // its view points into the bytes given
  std::size_t bytes = 0;    // that it took
};

// The packet at the front of `bytes`; nullopt: it is not all there yet. It is refused as soon as the bytes that are
// there say that it is none, so no more than the longest packet is ever waited for.
std::expected<std::optional<ReadQuorumAuth>, QuorumAuthError> read_quorum_auth(std::string_view bytes);
void append_quorum_auth(const QuorumAuthPacket& packet, std::string& out);

}  // namespace quoll::wire
