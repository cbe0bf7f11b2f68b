// What is known of a znode beside its data: the part that is stored, and the part that clients are shown.
#pragma once

#include <cstdint>
#include <tuple>

#include "types/ids.h"

namespace quoll {

// Stored in memory and in snapshots. cversion counts creates of children only; times are wall-clock milliseconds.
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

// Shown to clients: cversion = 2 * creates - children, ephemeral_owner 0 for container and TTL nodes.
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
