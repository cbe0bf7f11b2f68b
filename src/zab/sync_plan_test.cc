#include "zab/sync_plan.h"

#include <gtest/gtest.h>
#include <ostream>

#include "zab/test_support.h"

namespace quoll::zab {
namespace {

using testing::at;
using testing::record;
using enum SyncPlan::Kind;

// 1.1 to 1.3 and 3.1 to 3.3; epoch 2 had a leader that none of this is from.
History leaders(Zxid base = {}) {
  History history(base, {}, {});
  for (const Zxid zxid : {at(1, 1), at(1, 2), at(1, 3), at(3, 1), at(3, 2), at(3, 3)}) {
    if (zxid > base) history.append(zxid, record());
  }
  return history;
}

struct Row {
  const char* what;
  Zxid learner;
  SyncPlan plan;
  Zxid target = at(3, 3);
  Zxid base = {};
};

constexpr KnownEpochs kEpochs{Epoch{4}, Epoch{3}};

TEST(SyncPlan, is_decided_by_the_last_transaction_of_the_learner) {
  const Row rows[] = {
      {"the same history", at(3, 3), {diff, at(3, 3)}},
      {"an empty learner, and the leader remembers everything", Zxid{}, {diff, Zxid{}}},
      {"behind, in the same epoch", at(3, 1), {diff, at(3, 1)}},
      {"behind, in an earlier epoch", at(1, 2), {diff, at(1, 2)}},
      {"behind, at the end of an epoch", at(1, 3), {diff, at(1, 3)}},
      {"a transaction too many in the leader's last epoch", at(3, 4), {trunc, at(3, 3)}},
      {"a19: a transaction too many in an earlier epoch", at(1, 4), {trunc, at(1, 3)}},
      {"of an epoch that the leader has nothing of: cutting would cross epochs", at(2, 1), {snap, {}}},
      {"of a later epoch than anything of the leader's", at(4, 1), {snap, {}}},
      {"the leader remembers too little", at(1, 2), {snap, {}}, at(3, 3), at(1, 3)},
      {"the learner's last one is the last that the leader does not remember",
       at(1, 3),
       {diff, at(1, 3)},
       at(3, 3),
       at(1, 3)},
      {"proposals that are not committed are taken back", at(3, 3), {trunc, at(3, 2)}, at(3, 2)},
      {"proposals of a new epoch that are not committed are taken back, too", at(3, 1), {trunc, at(1, 3)}, at(1, 3)},
      {"an epoch alone, of the leader that this one followed", at(3, 0), {diff, at(1, 3)}},
      {"an epoch alone, of a leader that this one never followed", at(2, 0), {snap, {}}},
      {"an epoch alone, of this leader, with nothing committed in it yet", at(4, 0), {diff, at(3, 3)}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(plan_sync(leaders(row.base), row.target, kEpochs, row.learner), row.plan) << row.what;
  }
}

TEST(History, delivers_what_is_committed_and_on_disk_and_nothing_else) {
  History history = leaders();
  EXPECT_TRUE(history.deliver(at(3, 3)).empty()) << "nothing is flushed";
  history.on_flushed(at(1, 2));
  EXPECT_EQ(history.deliver(at(1, 1)).size(), 1u);
  EXPECT_EQ(history.deliver(at(3, 3)).size(), 1u);
  EXPECT_EQ(history.last_delivered(), at(1, 2));
  history.check_invariants();
}

// What the leader sends behind a state at 2:1, and what a server loses by that whose history ended with 3:2.
TEST(MayLack, only_what_is_shared_with_the_leader_beyond_its_state) {
  const Zxid state = at(2, 1);
  const Zxid had = at(3, 2);
  EXPECT_FALSE(may_lack(had, state, NewLeader{Epoch{5}, ""}));
  EXPECT_FALSE(may_lack(had, state, Proposal{at(3, 3), record()}));
  EXPECT_FALSE(may_lack(had, state, Inform{at(4, 1), record()}));
  EXPECT_TRUE(may_lack(had, state, Proposal{had, record()}));
  EXPECT_TRUE(may_lack(had, state, Inform{at(2, 2), record()}));
  EXPECT_TRUE(may_lack(had, state, Proposal{at(2, 1), record()})) << "a repetition says nothing of what follows";
  EXPECT_TRUE(may_lack(had, state, Commit{at(4, 1)})) << "nor does anything else";
}

TEST(MayLack, nothing_by_a_state_that_does_not_end_earlier) {
  for (const Packet& next : {Packet(Proposal{at(2, 1), record()}), Packet(Commit{at(2, 1)})}) {
    EXPECT_FALSE(may_lack(at(2, 1), at(2, 1), next));
    EXPECT_FALSE(may_lack(at(1, 9), at(2, 1), next));
  }
}

TEST(History, says_when_a_cut_reaches_into_the_state) {
  History history = leaders();
  history.on_flushed(at(3, 3));
  static_cast<void>(history.deliver(at(3, 1)));
  EXPECT_FALSE(history.truncate(at(3, 2)));
  EXPECT_TRUE(history.truncate(at(1, 2)));
  EXPECT_EQ(history.last(), at(1, 2));
  EXPECT_EQ(history.last_delivered(), at(1, 2));
  history.check_invariants();
}

TEST(History, forgets_the_oldest_of_what_was_delivered) {
  History history({}, {}, {.entries_min = 2, .bytes_max = 1 << 20});
  for (int i = 1; i <= 10; ++i) history.append(at(1, i), record());
  history.on_flushed(at(1, 10));
  EXPECT_EQ(history.base(), Zxid{}) << "nothing that is not delivered is forgotten";
  static_cast<void>(history.deliver(at(1, 9)));
  EXPECT_GE(history.base(), at(1, 5));
  EXPECT_EQ(history.floor(at(1, 1)), std::nullopt);
  history.check_invariants();
}

}  // namespace

void PrintTo(const SyncPlan& plan, std::ostream* out) {
  *out << static_cast<int>(plan.kind) << " from " << std::hex << plan.from.value();
}

}  // namespace quoll::zab
