// Would a create or a larger value break the quota of the subtree
// (org.apache.zookeeper.server.ZooKeeperServer.checkQuota)?
#pragma once

#include <cstdint>
#include <string_view>

#include "machine/prepare.h"

namespace quoll::machine::ops {

// Judged by the applied state, as Apache does. quota_exceeded only for hard limits under enforceQuota; soft ones leave
// a notice.
Error check_quota(Preparation& p, std::string_view path, std::int64_t bytes_more, std::int64_t count_more);

}  // namespace quoll::machine::ops
