// What agreement is told. All that stable storage says comes from the storage side and from nowhere else: a flush, an
// epoch file, a cut log, an installed snapshot.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/strong.h"
#include "types/ids.h"
#include "zab/packet.h"
#include "zab/vote.h"

namespace quoll::zab {

// One accepted connection on the quorum port, for as long as it lasts; ids are never used again.
using LinkId = base::Strong<struct LinkIdTag, std::uint64_t>;

enum class EpochFile { accepted, current };

// Time has passed; nothing else happened.
struct Tick {};

// The election port.
struct NotificationReceived {
  ServerId from;
  Notification notification;
};
struct PeerReachable {
  ServerId peer;
};
struct PeerUnreachable {
  ServerId peer;
};

// The quorum port, as a learner: the link that DialLeader asked for.
struct LeaderConnected {};
struct LeaderLost {
  std::string why;
};
struct FromLeader {
  Packet packet;
};
// The quorum port, as a leader.
struct LearnerConnected {
  LinkId link;
};
struct LearnerLost {
  LinkId link;
};
struct FromLearner {
  LinkId link;
  Packet packet;
};
// The learner has taken some more of what is being sent to it: it is alive, though it says nothing.
struct LearnerProgress {
  LinkId link;
};

// Stable storage. The generation is that of the Append effects it is about: after a cut, a flush of what was cut off
// says nothing.
struct LogFlushed {
  Zxid up_to;
  std::uint64_t generation = 0;
};
struct EpochPersisted {
  EpochFile file;
  Epoch epoch;
};
// The log and the state end with `last` now, which is what was asked for unless the server never had that.
struct Truncated {
  Zxid last;
};
struct SnapshotInstalled {
  Zxid at;
  bool may_lack = false;  // as may_lack() has it (sync_plan.h)
};
// It did not come whole, or was not a snapshot: state and log are what they were.
struct SnapshotAborted {};

using Event = std::variant<Tick, NotificationReceived, PeerReachable, PeerUnreachable, LeaderConnected, LeaderLost,
                           FromLeader, LearnerConnected, LearnerLost, FromLearner, LearnerProgress, LogFlushed,
                           EpochPersisted, Truncated, SnapshotInstalled, SnapshotAborted>;

}  // namespace quoll::zab
