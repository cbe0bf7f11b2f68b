// The digest of one znode, version 2: CRC32 of the path, the data and the nine numbers of the stat
// (org.apache.zookeeper.server.DigestCalculator). The tree's digest is the sum over all znodes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/nullable.h"
#include "types/stat.h"

namespace quoll::tree {

// `path` is "" or "/" for the root. The digest of znodes below "/zookeeper/" is 0, because quota statistics differ
// between servers.
std::uint32_t node_digest(std::string_view path, base::NullableView data, const StatPersisted& stat);

// The digest after a change of numbers only, computed from the old digest without reading path and data. CRC32 is
// affine for inputs of equal length: the difference of two inputs determines the difference of their checksums.
std::uint32_t digest_with_numbers(std::string_view path, std::uint32_t digest, const StatPersisted& before,
                                  const StatPersisted& after);

}  // namespace quoll::tree
