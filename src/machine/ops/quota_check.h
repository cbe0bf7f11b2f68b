// Checks whether a create or a larger value exceeds the quota of its subtree
// (org.apache.zookeeper.server.ZooKeeperServer.checkQuota).
#pragma once

#include <cstdint>
#include <string_view>

#include "machine/prepare.h"

namespace quoll::machine::ops {

// Uses the applied state, as Apache does. Returns quota_exceeded only for hard limits with enforceQuota; for a soft
// limit it adds a notice.
Error check_quota(Preparation& p, std::string_view path, std::int64_t bytes_more, std::int64_t count_more);

}  // namespace quoll::machine::ops
