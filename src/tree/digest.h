// The digest of one znode, version 2: CRC32 over path, data and the nine numbers of its stat
// (org.apache.zookeeper.server.DigestCalculator). The tree's digest is the sum over all znodes.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/nullable.h"
#include "types/stat.h"

namespace quoll::tree {

// `path` is "" or "/" for the root. Znodes below "/zookeeper/" count nothing: quota statistics differ from server to
// server.
std::uint32_t node_digest(std::string_view path, base::NullableView data, const StatPersisted& stat);

// The same of a znode that had `digest` and of which only numbers change, without another look at path and data: of
// inputs of equal length CRC32 is affine, so that what two of them differ in decides what their sums differ in.
std::uint32_t digest_with_numbers(std::string_view path, std::uint32_t digest, const StatPersisted& before,
                                  const StatPersisted& after);

}  // namespace quoll::tree
