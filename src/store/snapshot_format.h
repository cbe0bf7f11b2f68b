// Constants of the snapshot format, in files and on the link from a leader.
#pragma once

#include <cstdint>
#include <string_view>

namespace quoll::store {

inline constexpr std::int32_t kSnapshotMagic = 0x5a4b534e;  // "ZKSN"
inline constexpr std::int32_t kSnapshotVersion = 2;
inline constexpr std::int64_t kSnapshotDbId = -1;
inline constexpr std::int64_t kOpenAclId = -1;

// The longest string or buffer, and the longest path, that a reader accepts. No request can be as large, whatever
// jute.maxbuffer says.
inline constexpr std::int32_t kFieldBytesMax = 256 << 20;
inline constexpr std::int32_t kPathBytesMax = 16 << 20;

// What follows the znodes when a leader sends its state (org.apache.zookeeper.server.quorum.LearnerHandler).
inline constexpr std::string_view kWireSignature = "BenWasHere";

}  // namespace quoll::store
