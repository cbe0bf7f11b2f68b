// Constants of the snapshot format.
#pragma once

#include <cstdint>

namespace quoll::store {

inline constexpr std::int32_t kSnapshotMagic = 0x5a4b534e;  // "ZKSN"
inline constexpr std::int32_t kSnapshotVersion = 2;
inline constexpr std::int64_t kSnapshotDbId = -1;
inline constexpr std::int64_t kOpenAclId = -1;

}  // namespace quoll::store
