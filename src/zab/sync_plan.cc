#include "zab/sync_plan.h"

#include <algorithm>
#include <variant>

namespace quoll::zab {

SyncPlan plan_sync(const History& leader, Zxid target, KnownEpochs epochs, Zxid learner_last) {
  using enum SyncPlan::Kind;
  if (learner_last == target) return {diff, target};
  const auto shared = leader.floor(std::min(learner_last, target));
  if (!shared) return {snap, {}};
  if (*shared == learner_last) return {diff, learner_last};
  // A proposal of the leader's that is not committed: it is taken back and proposed again. Sending everything would
  // leave the learner incomplete until the end of the transfer for nothing.
  if (leader.floor(learner_last) == learner_last) return {trunc, *shared};
  // A server of Apache's that has synchronised with a leader and got no transaction of its epoch yet names the epoch
  // alone. Its history is that leader's first one: known only to those who followed the same leader.
  if (learner_last.counter() == 0) {
    const Epoch epoch = learner_last.epoch();
    const bool is_known = (epoch == epochs.own || epoch == epochs.before) && shared->epoch() < epoch;
    return is_known ? SyncPlan{diff, *shared} : SyncPlan{snap, {}};
  }
  if (shared->epoch() == learner_last.epoch()) return {trunc, *shared};
  return {snap, {}};
}

bool may_lack(Zxid had, Zxid at, const Packet& next) {
  if (had <= at || std::holds_alternative<NewLeader>(next)) return false;
  const auto* const proposal = std::get_if<Proposal>(&next);
  const auto* const inform = std::get_if<Inform>(&next);
  if (proposal == nullptr && inform == nullptr) return true;
  // Below the state it is a repetition, as Apache's leader may send one; then nothing is known of what follows.
  const Zxid first = proposal != nullptr ? proposal->zxid : inform->zxid;
  return first <= had;
}

}  // namespace quoll::zab
