// What stands in a snapshot behind its znodes: their checksum, and the digest and the last zxid that later versions of
// Apache's server have added, each with a checksum of everything before it
// (org.apache.zookeeper.server.persistence.FileSnap, SnapStream).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "store/snapshot_reader.h"

namespace quoll::store {

// A digest of the first versions is a text; nobody has written a longer one.
inline constexpr std::size_t kSnapshotTrailerBytesMax = 4096;

// `bytes`: everything behind the znodes, of which not more than kSnapshotTrailerBytesMax + 1 need be given. `adler`:
// the Adler-32 of everything before. The error says what is wrong.
std::expected<SnapshotEnd, std::string> parse_trailer(std::string_view bytes, std::uint32_t adler);

}  // namespace quoll::store
