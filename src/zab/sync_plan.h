// How a leader brings a learner's history up to its own: one decision, made from the two histories alone.
//
// The rule behind it: a server that has a transaction of epoch e has synchronised with the leader of e, so its history
// up to the last transaction of e that it shares with another such server is the same. Therefore:
//   - the learner's last transaction is in the leader's history: what is behind it is missing (DIFF). If it is proposed
//   but not committed, the learner is cut to what is committed (TRUNC) and hears the proposals again;
//   - it is not, but the leader has one of the same epoch below it: the rest of the learner's history was never
//     committed and is cut off (TRUNC), then as above;
//   - the leader has none of that epoch, or does not remember so far back: nothing is known, so everything is sent
//   (SNAP).
// Apache's leader also cuts across epochs, which can leave a learner with a hole; ours never does.
#pragma once

#include "types/ids.h"
#include "zab/history.h"
#include "zab/packet.h"

namespace quoll::zab {

struct SyncPlan {
  enum class Kind { diff, trunc, snap };
  Kind kind = Kind::snap;
  // DIFF: the learner's last transaction; TRUNC: where it cuts. What follows is sent.
  Zxid from;
  friend bool operator==(const SyncPlan&, const SyncPlan&) = default;
};

// The epochs whose first history the leader surely has: its own one, and the one whose leader it followed before.
struct KnownEpochs {
  Epoch own;
  Epoch before;
};

// `target`: up to where the leader's history counts for the learner: all of it while a leader takes over, then what is
// committed.
SyncPlan plan_sync(const History& leader, Zxid target, KnownEpochs epochs, Zxid learner_last);

// The learner's side of SNAP: whether a server whose history ended with `had` may lack a committed transaction that it
// has had, when the leader's state at `at` has taken the place of its history and nothing has been added yet. `next`:
// the first packet behind the state.
//
// A leader has every committed transaction: nobody with a more recent history is among the quorum that has promised to
// follow it. What it has beyond its state follows in the order of the zxids, and then NEWLEADER. So if that begins
// above `had`, this server shares nothing with it beyond `at`, and what it had there was never committed.
bool may_lack(Zxid had, Zxid at, const Packet& next);

}  // namespace quoll::zab
