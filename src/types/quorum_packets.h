// The packets of the quorum port as plain structs (zookeeper.jute, module quorum). What a packet means to agreement is
// in zab/packet.h; this is only its shape.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/nullable.h"
#include "types/acl.h"

namespace quoll {

// The numbers are those of org.apache.zookeeper.server.quorum.Leader.
enum class QuorumPacketType : std::int32_t {
  request = 1,
  proposal = 2,
  ack = 3,
  commit = 4,
  ping = 5,
  revalidate = 6,
  sync = 7,
  inform = 8,
  commit_and_activate = 9,
  new_leader = 10,
  follower_info = 11,
  up_to_date = 12,
  diff = 13,
  trunc = 14,
  snap = 15,
  observer_info = 16,
  leader_info = 17,
  ack_epoch = 18,
  inform_and_activate = 19,
};

struct QuorumPacket {
  std::int32_t type = 0;
  std::int64_t zxid = 0;
  base::NullableView data;
  // REQUEST: who the client is.
  std::optional<std::vector<Id>> auth_info;
  static constexpr auto fields() {
    using P = QuorumPacket;
    return std::tuple{&P::type, &P::zxid, &P::data, &P::auth_info};
  }
};

// The data of REVALIDATE to the leader, and of each session in PING: the session's client was heard from.
struct SessionTouch {
  std::int64_t session = 0;
  std::int32_t timeout_ms = 0;
  static constexpr auto fields() { return std::tuple{&SessionTouch::session, &SessionTouch::timeout_ms}; }
};

// The data of REVALIDATE from the leader.
struct RevalidateReply {
  std::int64_t session = 0;
  bool is_valid = false;
  static constexpr auto fields() { return std::tuple{&RevalidateReply::session, &RevalidateReply::is_valid}; }
};

}  // namespace quoll
