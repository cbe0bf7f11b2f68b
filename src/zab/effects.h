// What agreement asks of the world, as values in one list: they are carried out in this order.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "types/ids.h"
#include "zab/election.h"
#include "zab/events.h"
#include "zab/packet.h"
#include "zab/vote.h"

namespace quoll::zab {

struct SendNotification {
  ServerId to;
  Notification notification;
};
// Opens the link to the leader's quorum port after `delay_ms`; LeaderConnected or LeaderLost answers.
struct DialLeader {
  ServerId leader;
  std::int64_t delay_ms = 0;
};
// No LeaderLost follows, and what is still on the way is not told.
struct CloseLeaderLink {};
struct SendToLeader {
  Packet packet;
};
// Answers a ping with what the server has heard from its clients since the last one.
struct AnswerPing {
  Zxid zxid;
};
struct SendToLearner {
  LinkId link;
  Packet packet;
};
// No LearnerLost follows.
struct CloseLearnerLink {
  LinkId link;
  std::string why;
};
// Writes the state, as it is when this is carried out, to the link, in front of every later packet.
struct StreamSnapshot {
  LinkId link;
};
// EpochPersisted answers when file and directory are on stable storage.
struct PersistEpoch {
  EpochFile file;
  Epoch epoch;
};
// LogFlushed answers, once for many.
struct AppendLog {
  Zxid zxid;
  Record record;
  std::uint64_t generation = 0;
};
// Cuts the log behind `to`, removes snapshots above it and, if `rebuild`, brings the state back to it. Truncated
// answers.
struct TruncateLog {
  Zxid to;
  bool rebuild = false;
  std::uint64_t generation = 0;  // of what is appended from now on
};
// The snapshot that comes on the leader's link takes the place of state and log. SnapshotInstalled or
// SnapshotAborted answers, and no packet from the leader is told before. CloseLeaderLink aborts it.
struct InstallSnapshot {
  Zxid at;
  Zxid had;  // the end of the history that it replaces: see may_lack (sync_plan.h)
  std::uint64_t generation = 0;
};
// A quorum has it on stable storage, and so has this server: it is applied.
struct Deliver {
  Zxid zxid;
  Record record;
};
// A packet for the server, in its place among deliveries. `link`: the learner that sent it; 0: the leader.
struct PassToServer {
  LinkId link;
  ServerPacket packet;
};
// The server may answer clients in this state from now on; `looking`: it must not.
struct ServeAs {
  State state;
  Epoch epoch;
};

using Effect = std::variant<SendNotification, DialLeader, CloseLeaderLink, SendToLeader, AnswerPing, SendToLearner,
                            CloseLearnerLink, StreamSnapshot, PersistEpoch, AppendLog, TruncateLog, InstallSnapshot,
                            Deliver, PassToServer, ServeAs>;
using Effects = std::vector<Effect>;

}  // namespace quoll::zab
