// What a leader and its learners say to each other on the quorum port (org.apache.zookeeper.server.quorum.Leader has
// the packet types). Only what agreement is about is taken apart here; requests, revalidations and sync answers are the
// server's and pass through as bytes, in order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "types/acl.h"
#include "types/ids.h"
#include "types/quorum_packets.h"

namespace quoll::zab {

// A serialized transaction; log, links and delivery share one copy. Nothing here looks inside.
using Record = std::shared_ptr<const std::string>;

// FOLLOWERINFO and OBSERVERINFO: the first packet of a learner.
struct LearnerInfo {
  ServerId id;
  bool is_observer = false;
  Epoch accepted;
  std::int32_t protocol = 0x10000;
  std::int64_t configuration_version = 0;
};
// LEADERINFO: the epoch that the leader wants to begin.
struct LeaderInfo {
  Epoch epoch;
};
// ACKEPOCH: the learner promises to follow nobody of an earlier epoch, and says what its history is.
struct AckEpoch {
  Zxid last;
  // Nothing: it had promised this epoch before, so the promise must not be counted again.
  std::optional<Epoch> current;
};
// One of these three begins the synchronisation.
struct Diff {
  Zxid to;  // what the leader holds for committed
};
struct Trunc {
  Zxid to;
};
struct Snap {
  Zxid at;  // the bytes of the snapshot follow on the link
};
struct Proposal {
  Zxid zxid;
  Record record;
};
struct Commit {
  Zxid zxid;
};
// To observers: proposal and commit in one.
struct Inform {
  Zxid zxid;
  Record record;
};
struct NewLeader {
  Epoch epoch;
  std::string configuration;  // as text; not read here
};
struct UpToDate {};
struct Ack {
  Zxid zxid;
};
struct Ping {
  Zxid zxid;
  std::string data;  // from a learner: the sessions that it has heard of since the last one, with their timeouts
};
// REQUEST, REVALIDATE, SYNC; to the leader's server also PING, with the data of a learner's.
struct ServerPacket {
  std::int32_t type = 0;
  Zxid zxid;
  std::string data;
  std::vector<Id> identities = {};  // REQUEST: who the client is
};

using Packet = std::variant<LearnerInfo, LeaderInfo, AckEpoch, Diff, Trunc, Snap, Proposal, Commit, Inform, NewLeader,
                            UpToDate, Ack, Ping, ServerPacket>;

// The zxid that stands for an epoch as a whole, before its first transaction.
constexpr Zxid epoch_zxid(Epoch epoch) {
  return Zxid{epoch.value() << 32};
}

}  // namespace quoll::zab
