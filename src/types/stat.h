// A znode's metadata: StatPersisted is stored, Stat is sent to clients.
#pragma once

#include <cstdint>
#include <tuple>

#include "types/ids.h"

namespace quoll {

// Stored in memory and in snapshots. cversion counts the creation of children only. Times are wall-clock milliseconds.
struct StatPersisted {
  std::int64_t czxid = 0;
  std::int64_t mzxid = 0;
  std::int64_t ctime = 0;
  std::int64_t mtime = 0;
  std::int32_t version = 0;
  std::int32_t cversion = 0;
  std::int32_t aversion = 0;
  std::int64_t ephemeral_owner = 0;
  std::int64_t pzxid = 0;
  static constexpr auto fields() {
    using S = StatPersisted;
    return std::tuple{&S::czxid,    &S::mzxid,    &S::ctime,           &S::mtime, &S::version,
                      &S::cversion, &S::aversion, &S::ephemeral_owner, &S::pzxid};
  }
  friend bool operator==(const StatPersisted&, const StatPersisted&) = default;
};

// Sent to clients. Its cversion is 2 * creates - children; its ephemeral_owner is 0 for containers and TTL znodes.
struct Stat {
  std::int64_t czxid = 0;
  std::int64_t mzxid = 0;
  std::int64_t ctime = 0;
  std::int64_t mtime = 0;
  std::int32_t version = 0;
  std::int32_t cversion = 0;
  std::int32_t aversion = 0;
  std::int64_t ephemeral_owner = 0;
  std::int32_t data_length = 0;
  std::int32_t num_children = 0;
  std::int64_t pzxid = 0;
  static constexpr auto fields() {
    using S = Stat;
    return std::tuple{&S::czxid,    &S::mzxid,           &S::ctime,       &S::mtime,        &S::version, &S::cversion,
                      &S::aversion, &S::ephemeral_owner, &S::data_length, &S::num_children, &S::pzxid};
  }
  friend bool operator==(const Stat&, const Stat&) = default;
};

}  // namespace quoll
