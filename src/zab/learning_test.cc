#include "zab/learning.h"

#include <gtest/gtest.h>

#include "zab/test_support.h"

namespace quoll::zab {
namespace {

using testing::at;
using testing::member;
using testing::of;
using testing::record;
using testing::sent;

// A follower of server 2, which the test plays.
struct Follower {
  explicit Follower(MemberState given = member(3), Learning::Kind kind = Learning::Kind::follower)
      : state(std::move(given)), role(state, ServerId{2}, kind, 0, out) {}

  Effects& hear(const Packet& packet) {
    out.clear();
    role.on(FromLeader{packet}, now_ms, out);
    role.check_invariants();
    return out;
  }
  Effects& persisted(EpochFile file, std::int64_t epoch) {
    out.clear();
    (file == EpochFile::accepted ? state.accepted : state.current) = Epoch{epoch};
    role.on(EpochPersisted{file, Epoch{epoch}}, out);
    role.check_invariants();
    return out;
  }
  Effects& flushed() {
    out.clear();
    state.history.on_flushed(state.history.last());
    role.on(LogFlushed{state.history.last(), state.generation}, out);
    role.check_invariants();
    return out;
  }
  Effects& connect() {
    out.clear();
    role.on(LeaderConnected{}, now_ms, out);
    return out;
  }
  // Up to the beginning of the synchronisation with a leader of epoch 2.
  void discover() {
    connect();
    hear(LeaderInfo{Epoch{2}});
    persisted(EpochFile::accepted, 2);
  }
  // Up to broadcasting, with nothing to catch up.
  void follow() {
    discover();
    hear(Diff{state.history.last()});
    hear(NewLeader{Epoch{2}, ""});
    persisted(EpochFile::current, 2);
    hear(UpToDate{});
  }

  Effects out;
  MemberState state;
  std::int64_t now_ms = 0;
  Learning role;
};

TEST(Learning, introduces_itself_with_the_epoch_that_it_accepted_last) {
  Follower follower(member(3, 5, 4));
  const auto info = sent<LearnerInfo>(follower.connect());
  ASSERT_EQ(info.size(), 1u);
  EXPECT_EQ(info[0].accepted, Epoch{5});
  EXPECT_FALSE(info[0].is_observer);
}

TEST(Learning, b1_promises_an_epoch_only_when_it_is_written) {
  Follower follower;
  follower.connect();
  EXPECT_TRUE(sent<AckEpoch>(follower.hear(LeaderInfo{Epoch{2}})).empty());
  EXPECT_EQ(of<PersistEpoch>(follower.out).size(), 1u);
  const auto promise = sent<AckEpoch>(follower.persisted(EpochFile::accepted, 2));
  ASSERT_EQ(promise.size(), 1u);
  EXPECT_EQ(promise[0].last, at(1, 3));
  EXPECT_EQ(promise[0].current, Epoch{1}) << "the epoch of its history, not the new one";
}

TEST(Learning, b4_an_epoch_that_it_has_promised_before_is_no_new_promise) {
  Follower follower(member(3, 2, 1));
  follower.connect();
  const auto promise = sent<AckEpoch>(follower.hear(LeaderInfo{Epoch{2}}));
  ASSERT_EQ(promise.size(), 1u);
  EXPECT_EQ(promise[0].current, std::nullopt);
}

TEST(Learning, follows_no_leader_of_an_epoch_before_the_one_that_it_promised) {
  Follower follower(member(3, 5, 1));
  follower.connect();
  EXPECT_TRUE(follower.hear(LeaderInfo{Epoch{4}}).empty());
  EXPECT_TRUE(follower.role.failure());
}

TEST(Learning, a1_a3_has_its_history_on_disk_before_the_epoch_and_the_epoch_before_it_acknowledges) {
  Follower follower;
  follower.discover();
  follower.hear(Diff{at(1, 5)});
  follower.hear(Proposal{at(1, 4), record()});
  follower.hear(Commit{at(1, 4)});
  follower.hear(Proposal{at(1, 5), record()});
  follower.hear(Commit{at(1, 5)});
  EXPECT_TRUE(follower.hear(NewLeader{Epoch{2}, ""}).empty()) << "neither the epoch nor the acknowledgement";
  const auto epoch = of<PersistEpoch>(follower.flushed());
  ASSERT_EQ(epoch.size(), 1u);
  EXPECT_EQ(epoch[0].file, EpochFile::current);
  EXPECT_TRUE(sent<Ack>(follower.out).empty());
  const auto acks = sent<Ack>(follower.persisted(EpochFile::current, 2));
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].zxid, at(2, 0));
  EXPECT_EQ(follower.state.history.last_delivered(), at(1, 3)) << "the leader has no quorum yet";
  EXPECT_EQ(of<Deliver>(follower.hear(UpToDate{})).size(), 2u);
}

TEST(Learning, a4_the_first_acknowledgement_is_that_of_newleader) {
  Follower follower;
  follower.discover();
  follower.hear(Diff{at(1, 3)});
  follower.hear(Proposal{at(1, 4), record()});
  EXPECT_TRUE(sent<Ack>(follower.flushed()).empty()) << "the proposal waits for NEWLEADER";
  follower.hear(NewLeader{Epoch{2}, ""});
  const auto acks = sent<Ack>(follower.persisted(EpochFile::current, 2));
  ASSERT_EQ(acks.size(), 2u);
  EXPECT_EQ(acks[0].zxid, at(2, 0));
  EXPECT_EQ(acks[1].zxid, at(1, 4));
}

TEST(Learning, b3_logs_nothing_of_the_new_epoch_before_the_epoch_is_written) {
  Follower follower;
  follower.discover();
  follower.hear(Diff{at(1, 3)});
  EXPECT_TRUE(of<AppendLog>(follower.hear(Proposal{at(2, 1), record()})).empty());
  follower.hear(NewLeader{Epoch{2}, ""});
  EXPECT_TRUE(of<AppendLog>(follower.hear(Proposal{at(2, 2), record()})).empty());
  EXPECT_EQ(of<AppendLog>(follower.persisted(EpochFile::current, 2)).size(), 2u);
}

TEST(Learning, a5_a22_commits_that_come_before_uptodate_are_applied_with_it) {
  Follower follower;
  follower.discover();
  follower.hear(Diff{at(1, 3)});
  follower.hear(NewLeader{Epoch{2}, ""});
  follower.persisted(EpochFile::current, 2);
  follower.hear(Proposal{at(2, 1), record()});
  follower.hear(Commit{at(2, 1)});
  EXPECT_TRUE(of<Deliver>(follower.flushed()).empty());
  follower.hear(UpToDate{});
  EXPECT_EQ(of<ServeAs>(follower.out).size(), 1u);
  EXPECT_EQ(of<Deliver>(follower.out).size(), 1u);
}

// The state that a leader sends while it goes on holds parts of later transactions.
TEST(Learning, serves_when_all_that_was_committed_before_uptodate_is_applied) {
  Follower follower;
  follower.discover();
  follower.hear(Snap{at(1, 9)});
  follower.out.clear();
  follower.role.on(SnapshotInstalled{at(1, 9)}, follower.out);
  follower.hear(NewLeader{Epoch{2}, ""});
  follower.flushed();
  follower.persisted(EpochFile::current, 2);
  follower.hear(Proposal{at(2, 1), record()});
  follower.hear(Commit{at(2, 1)});
  EXPECT_TRUE(of<ServeAs>(follower.hear(UpToDate{})).empty()) << "2.1 is not on disk";
  follower.hear(Proposal{at(2, 2), record()});
  const Effects& effects = follower.flushed();
  ASSERT_EQ(of<Deliver>(effects).size(), 1u);
  ASSERT_EQ(of<ServeAs>(effects).size(), 1u);
  EXPECT_TRUE(std::holds_alternative<ServeAs>(effects.back()));
}

TEST(Learning, a5_a_commit_without_its_proposal_ends_the_link_and_nothing_else) {
  Follower follower;
  follower.follow();
  follower.hear(Commit{at(2, 1)});
  EXPECT_TRUE(follower.role.failure());
}

TEST(Learning, a9_applies_only_what_is_on_its_own_disk_though_it_be_committed) {
  Follower follower;
  follower.follow();
  follower.hear(Proposal{at(2, 1), record()});
  EXPECT_TRUE(of<Deliver>(follower.hear(Commit{at(2, 1)})).empty());
  const Effects& effects = follower.flushed();
  EXPECT_EQ(of<Deliver>(effects).size(), 1u);
}

TEST(Learning, a8_a11_cuts_what_no_quorum_has_and_rebuilds_a_state_that_had_it) {
  Follower follower;
  follower.discover();
  const auto cuts = of<TruncateLog>(follower.hear(Trunc{at(1, 2)}));
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_TRUE(cuts[0].rebuild);
  EXPECT_TRUE(follower.hear(NewLeader{Epoch{2}, ""}).empty()) << "the cut is not done";
  follower.out.clear();
  follower.role.on(Truncated{at(1, 2)}, follower.out);
  EXPECT_EQ(of<PersistEpoch>(follower.out).size(), 1u);
}

TEST(Learning, a10_a_lost_link_after_a_cut_leaves_history_as_the_disk_has_it) {
  Follower follower;
  follower.discover();
  follower.hear(Trunc{at(1, 2)});
  follower.role.on(Truncated{at(1, 2)}, follower.out);
  follower.hear(Proposal{at(1, 3), record()});
  follower.role.on(LeaderLost{"gone"}, 0, follower.out);
  EXPECT_TRUE(follower.role.failure());
  EXPECT_EQ(follower.state.history.last(), at(1, 3));
  EXPECT_EQ(follower.state.history.last_delivered(), at(1, 2));
}

TEST(Learning, a13_goes_back_and_asks_anew_when_it_is_to_cut_at_a_transaction_that_it_never_had) {
  MemberState state = member(3, 3, 3);
  state.history.append(at(3, 1), record());
  state.history.on_flushed(at(3, 1));
  Follower follower(std::move(state));
  follower.connect();
  follower.hear(LeaderInfo{Epoch{4}});
  follower.persisted(EpochFile::accepted, 4);
  const auto cuts = of<TruncateLog>(follower.hear(Trunc{at(2, 7)}));
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].to, at(1, 3));
  follower.role.on(Truncated{at(1, 3)}, follower.out);
  EXPECT_TRUE(follower.role.failure());
  EXPECT_EQ(follower.state.history.last(), at(1, 3));
}

TEST(Learning, a14_a_snapshot_that_does_not_come_whole_changes_nothing) {
  Follower follower;
  follower.discover();
  EXPECT_EQ(of<InstallSnapshot>(follower.hear(Snap{at(1, 9)})).size(), 1u);
  follower.role.on(SnapshotAborted{});
  EXPECT_TRUE(follower.role.failure());
  EXPECT_EQ(follower.state.history.last(), at(1, 3));
  EXPECT_EQ(follower.state.generation, 0u) << "the log goes on: what it flushes counts";
}

TEST(Learning, a14_a_snapshot_that_ends_earlier_leaves_the_history_incomplete_until_newleader) {
  Follower follower;
  follower.discover();
  const auto installs = of<InstallSnapshot>(follower.hear(Snap{at(1, 2)}));
  ASSERT_EQ(installs.size(), 1u);
  EXPECT_EQ(installs[0].had, at(1, 3));
  follower.out.clear();
  follower.role.on(SnapshotInstalled{at(1, 2), true}, follower.out);
  EXPECT_FALSE(follower.state.is_complete) << "what it has acknowledged may not have come yet";
  follower.hear(Proposal{at(1, 3), record()});
  follower.hear(NewLeader{Epoch{2}, ""});
  EXPECT_EQ(of<PersistEpoch>(follower.flushed()).size(), 1u);
  follower.state.is_complete = true;  // as Peer does
  const auto acks = sent<Ack>(follower.persisted(EpochFile::current, 2));
  ASSERT_FALSE(acks.empty());
  EXPECT_EQ(acks[0].zxid, at(2, 0));
}

TEST(Learning, a14_a_snapshot_that_takes_away_only_what_was_never_committed_leaves_the_history_complete) {
  Follower follower;
  follower.discover();
  follower.hear(Snap{at(1, 2)});
  follower.role.on(SnapshotInstalled{at(1, 2), false}, follower.out);
  EXPECT_TRUE(follower.state.is_complete);
  EXPECT_EQ(follower.state.history.last(), at(1, 2));
}

TEST(Learning, a14_a_member_whose_history_is_incomplete_says_so_and_writes_its_epoch_even_if_it_is_not_new) {
  MemberState state = member(3, 2, 2);
  state.is_complete = false;
  Follower follower(std::move(state));
  follower.connect();
  const auto acks = sent<AckEpoch>(follower.hear(LeaderInfo{Epoch{2}}));
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].last, Zxid{-1});
  follower.hear(Snap{at(1, 9)});
  follower.role.on(SnapshotInstalled{at(1, 9)}, follower.out);
  EXPECT_EQ(of<PersistEpoch>(follower.hear(NewLeader{Epoch{2}, ""})).size(), 1u);
}

TEST(Learning, a_truncation_that_gave_everything_up_withdraws_the_history_at_once) {
  Follower follower;
  follower.discover();
  follower.hear(Trunc{at(1, 2)});
  follower.role.on(Truncated{Zxid{0}}, follower.out);
  EXPECT_TRUE(follower.role.failure());
  EXPECT_FALSE(follower.state.is_complete);
}

TEST(Learning, impossible_cuts_snapshots_and_epochs_end_the_link_and_change_nothing) {
  for (const Packet& lie :
       std::vector<Packet>{Trunc{Zxid{-1}}, Trunc{Zxid{INT64_MIN}}, Snap{Zxid{-1}}, Snap{at(3, 1)}}) {
    Follower follower;
    follower.discover();
    EXPECT_TRUE(follower.hear(lie).empty());
    EXPECT_TRUE(follower.role.failure());
    EXPECT_EQ(follower.state.history.last(), at(1, 3));
  }
  for (const std::int64_t epoch : {0L, 2L + (1 << 20), 0x7fffffffL}) {
    Follower follower;
    follower.connect();
    EXPECT_TRUE(follower.hear(LeaderInfo{Epoch{epoch}}).empty()) << "it is not written";
    EXPECT_TRUE(follower.role.failure()) << epoch;
  }
}

TEST(Learning, a15_what_follows_a_snapshot_waits_for_its_installation) {
  Follower follower;
  follower.discover();
  const auto installs = of<InstallSnapshot>(follower.hear(Snap{at(1, 9)}));
  ASSERT_EQ(installs.size(), 1u);
  EXPECT_TRUE(follower.hear(Proposal{at(1, 10), record()}).empty());
  follower.out.clear();
  follower.role.on(SnapshotInstalled{at(1, 9)}, follower.out);
  const auto appends = of<AppendLog>(follower.out);
  ASSERT_EQ(appends.size(), 1u);
  EXPECT_EQ(appends[0].generation, installs[0].generation);
  EXPECT_EQ(follower.state.history.last(), at(1, 10));
}

TEST(Learning, a20_a_hole_in_the_proposals_ends_the_link) {
  Follower follower;
  follower.follow();
  follower.hear(Proposal{at(2, 1), record()});
  EXPECT_TRUE(follower.hear(Proposal{at(2, 3), record()}).empty());
  EXPECT_TRUE(follower.role.failure());
}

TEST(Learning, a21_a_proposal_that_comes_twice_is_logged_and_acknowledged_once) {
  Follower follower;
  follower.follow();
  follower.hear(Proposal{at(2, 1), record()});
  EXPECT_TRUE(follower.hear(Proposal{at(2, 1), record()}).empty());
  EXPECT_EQ(sent<Ack>(follower.flushed()).size(), 1u);
  EXPECT_TRUE(sent<Ack>(follower.flushed()).empty());
  EXPECT_FALSE(follower.role.failure());
}

TEST(Learning, each_proposal_is_acknowledged_singly_as_apaches_leader_counts_them) {
  Follower follower;
  follower.follow();
  for (int i = 1; i <= 3; ++i) follower.hear(Proposal{at(2, i), record()});
  const auto acks = sent<Ack>(follower.flushed());
  ASSERT_EQ(acks.size(), 3u);
  EXPECT_EQ(acks[2].zxid, at(2, 3));
}

TEST(Learning, an_answer_for_the_server_keeps_its_place_behind_the_commits_before_it) {
  Follower follower;
  follower.follow();
  follower.hear(Proposal{at(2, 1), record()});
  follower.hear(Commit{at(2, 1)});
  EXPECT_TRUE(follower.hear(ServerPacket{7, Zxid{}, ""}).empty()) << "2.1 is not on disk yet";
  follower.hear(Proposal{at(2, 2), record()});
  follower.hear(Commit{at(2, 2)});
  follower.flushed();
  ASSERT_GE(follower.out.size(), 3u);
  std::vector<std::size_t> order;
  for (const Effect& effect : follower.out) {
    if (std::holds_alternative<Deliver>(effect) || std::holds_alternative<PassToServer>(effect))
      order.push_back(effect.index());
  }
  const std::size_t deliver = Effect(Deliver{}).index();
  EXPECT_EQ(order, (std::vector{deliver, Effect(PassToServer{}).index(), deliver}));
}

TEST(Learning, a_ping_is_answered_only_when_it_serves) {
  Follower follower;
  follower.discover();
  follower.hear(Diff{at(1, 3)});
  EXPECT_TRUE(follower.hear(Ping{}).empty());
  Follower serving;
  serving.follow();
  EXPECT_EQ(of<AnswerPing>(serving.hear(Ping{})).size(), 1u);
}

TEST(Learning, an_observer_logs_what_it_is_informed_of_and_acknowledges_no_proposal) {
  Follower observer(member(3), Learning::Kind::observer);
  observer.follow();
  observer.hear(Inform{at(2, 1), record()});
  EXPECT_EQ(of<AppendLog>(observer.out).size(), 1u);
  observer.flushed();
  EXPECT_EQ(of<Deliver>(observer.out).size(), 1u);
  EXPECT_TRUE(sent<Ack>(observer.out).empty());
}

TEST(Learning, a_leader_that_does_not_lead_yet_is_dialled_again_a_few_times) {
  Follower follower;
  std::int64_t waited_ms = 0;
  int tries = 0;
  while (!follower.role.failure()) {
    follower.out.clear();
    follower.role.on(LeaderLost{"connection refused"}, 0, follower.out);
    for (const DialLeader& dial : of<DialLeader>(follower.out)) {
      waited_ms += dial.delay_ms;
      ++tries;
    }
  }
  EXPECT_EQ(tries, 7);
  EXPECT_LT(waited_ms, 1000);
}

TEST(Learning, j4_a_snapshot_that_takes_longer_than_init_limit_to_install_is_no_silence) {
  Follower follower;
  follower.discover();
  follower.hear(Snap{at(1, 9)});
  follower.role.on_time(200'000);
  EXPECT_FALSE(follower.role.failure());
  follower.out.clear();
  follower.role.on(SnapshotInstalled{at(1, 9)}, follower.out);
  follower.role.on_time(200'001);
  EXPECT_FALSE(follower.role.failure()) << "the silence is counted from the end of the installation";
}

TEST(Learning, a_silent_leader_is_given_up_after_sync_limit) {
  Follower follower;
  follower.follow();
  follower.role.on_time(9'999);
  EXPECT_FALSE(follower.role.failure());
  follower.role.on_time(10'000);
  EXPECT_TRUE(follower.role.failure());
}

TEST(Learning, whatever_a_leader_sends_out_of_place_ends_the_link_only) {
  const Packet packets[] = {LearnerInfo{}, LeaderInfo{Epoch{9}},    AckEpoch{}, Diff{}, Trunc{},
                            Snap{},        NewLeader{Epoch{2}, ""}, UpToDate{}, Ack{}};
  for (const Packet& packet : packets) {
    Follower follower;
    follower.follow();
    follower.hear(packet);
    EXPECT_TRUE(follower.role.failure()) << packet.index();
  }
  const Packet early[] = {Proposal{at(1, 4), record()}, Commit{at(1, 4)}, Inform{at(1, 4), record()},
                          NewLeader{Epoch{2}, ""},      UpToDate{},       Diff{}};
  for (const Packet& packet : early) {
    Follower follower;
    follower.connect();
    follower.hear(packet);
    EXPECT_TRUE(follower.role.failure()) << packet.index();
  }
}

}  // namespace
}  // namespace quoll::zab
