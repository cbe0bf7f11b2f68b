// The bytes of the quorum port: packets back to back, without a length in front of them, so that only their own fields
// tell where one ends (org.apache.zookeeper.server.quorum.Leader, Learner, LearnerHandler).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/quorum_packets.h"

namespace quoll::wire {

struct QuorumLimits {
  // The largest data of a packet: a transaction of the largest size, with what a REQUEST adds to it.
  std::int64_t data_bytes_max = 2 * 0xfffff + 1024;
  // All identities of a client together, in a REQUEST.
  std::size_t auth_bytes_max = std::size_t{1} << 20;
};

// Why bytes can't be a packet: the link must end, since nobody knows where the next one would begin.
enum class QuorumError {
  type,    // a number that no packet has
  length,  // a negative or too large length or count
};

struct ReadPacket {
  QuorumPacket packet;    // its views point into the bytes given
  std::size_t bytes = 0;  // that it took
};

// The packet at the front of `bytes`; nullopt: it is not all there yet. It is refused as soon as the bytes that are
// there say that it is none, so no more than the largest packet is ever waited for.
std::expected<std::optional<ReadPacket>, QuorumError> read_quorum_packet(std::string_view bytes,
                                                                         const QuorumLimits& limits);
void append_quorum_packet(const QuorumPacket& packet, std::string& out);

// The data of FOLLOWERINFO and OBSERVERINFO.
struct LearnerInfoData {
  std::int64_t server_id = 0;
  std::int32_t protocol = 0;  // 0x10000 since 3.4
  std::int64_t configuration_version = 0;
};
// Servers before 3.5 send less: 8 or 12 bytes. nullopt: of no length that a server sends.
std::optional<LearnerInfoData> decode_learner_info(base::NullableView data);
std::string encode_learner_info(const LearnerInfoData& info);

// The data of a REQUEST: whose it is and what it asks, then the body as the client sent it.
struct ForwardedRequest {
  std::int64_t session = 0;
  std::int32_t cxid = 0;
  std::int32_t type = 0;
  std::string_view body;
};
std::optional<ForwardedRequest> decode_forwarded_request(base::NullableView data);
std::string encode_forwarded_request(const ForwardedRequest& request);

// nullopt: too short.
std::optional<SessionTouch> decode_session_touch(std::string_view data);
std::optional<RevalidateReply> decode_revalidate_reply(std::string_view data);
std::string encode_session_touch(const SessionTouch& touch);
std::string encode_revalidate_reply(const RevalidateReply& reply);
// The data of a learner's PING: one touch after the other. A rest that is too short for one is passed over.
std::vector<SessionTouch> decode_session_touches(std::string_view data);
std::string encode_session_touches(const std::vector<SessionTouch>& touches);

}  // namespace quoll::wire
