#include "zab/leading.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <iterator>
#include <set>

#include "zab/sync_plan.h"
#include "zab/test_support.h"

namespace quoll::zab {
namespace {

using testing::at;
using testing::member;
using testing::of;
using testing::record;
using testing::sent;

// Server 1 leads; the test plays the learners. A learner's link has ten times its id.
struct Leader {
  explicit Leader(MemberState given = member(3)) : state(std::move(given)), role(state, 0, out) {}

  Effects& hear(std::int64_t id, const Packet& packet) {
    out.clear();
    role.on(FromLearner{link(id), packet}, now_ms, out);
    role.check_invariants();
    return out;
  }
  Effects& join(std::int64_t id, std::int64_t accepted = 1, bool is_observer = false) {
    role.on(LearnerConnected{link(id)}, now_ms);
    return hear(id, LearnerInfo{ServerId{id}, is_observer, Epoch{accepted}});
  }
  Effects& persisted(EpochFile file) {
    const auto asked = of<PersistEpoch>(out);
    EXPECT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked.at(0).file, file);
    (file == EpochFile::accepted ? state.accepted : state.current) = asked.at(0).epoch;
    out.clear();
    role.on(EpochPersisted{file, asked.at(0).epoch}, out);
    role.check_invariants();
    return out;
  }
  Effects& flushed() {
    out.clear();
    state.history.on_flushed(state.history.last());
    role.on(LogFlushed{state.history.last(), state.generation}, out);
    return out;
  }
  Effects& propose() {
    out.clear();
    role.propose(role.next_zxid(), record(), out);
    return out;
  }
  // Leads epoch 2 with server 2 behind it.
  void take_over() {
    join(2);
    persisted(EpochFile::accepted);
    hear(2, AckEpoch{at(1, 3), Epoch{1}});
    persisted(EpochFile::current);
    hear(2, Ack{at(2, 0)});
  }
  // Server `id` joins a leader that stands and has it synchronised.
  void follow(std::int64_t id, Zxid last, bool is_observer = false) {
    join(id, 1, is_observer);
    hear(id, AckEpoch{last, Epoch{1}});
    hear(id, Ack{at(2, 0)});
  }
  static LinkId link(std::int64_t id) { return LinkId{static_cast<std::uint64_t>(id * 10)}; }

  Effects out;
  MemberState state;
  std::int64_t now_ms = 0;
  Leading role;
};

TEST(Leading, takes_over_when_a_quorum_has_promised_and_then_has_its_history) {
  Leader leader;
  EXPECT_TRUE(leader.out.empty()) << "alone it is no quorum";
  leader.join(2);
  EXPECT_EQ(sent<LeaderInfo>(leader.out).at(0).epoch, Epoch{2});
  leader.persisted(EpochFile::accepted);
  leader.hear(2, AckEpoch{at(1, 2), Epoch{1}});
  EXPECT_EQ(sent<Diff>(leader.out).size(), 1u);
  EXPECT_EQ(sent<Proposal>(leader.out).at(0).zxid, at(1, 3));
  EXPECT_EQ(sent<Commit>(leader.out).at(0).zxid, at(1, 3));
  EXPECT_EQ(sent<NewLeader>(leader.out).size(), 1u);
  leader.persisted(EpochFile::current);
  EXPECT_FALSE(leader.role.is_broadcasting());
  leader.hear(2, Ack{at(2, 0)});
  EXPECT_EQ(of<ServeAs>(leader.out).size(), 1u);
  EXPECT_EQ(sent<UpToDate>(leader.out).size(), 1u);
  EXPECT_EQ(leader.role.next_zxid(), at(2, 1));
}

TEST(Leading, counts_its_own_promise_and_its_own_history_only_when_its_epoch_files_are_on_disk) {
  Leader leader;
  const Effects accepted = leader.join(2);
  leader.hear(2, AckEpoch{at(1, 3), Epoch{1}});
  EXPECT_TRUE(leader.out.empty()) << "this server's own promise is still being written";
  leader.out = accepted;
  const Effects current = leader.persisted(EpochFile::accepted);
  EXPECT_EQ(sent<NewLeader>(current).size(), 1u);
  leader.hear(2, Ack{at(2, 0)});
  EXPECT_TRUE(leader.out.empty()) << "currentEpoch is still being written";
  leader.out = current;
  leader.persisted(EpochFile::current);
  EXPECT_EQ(of<ServeAs>(leader.out).size(), 1u);
}

// 1:4 is in the log of the leader and not in its state; server 3 has followed a leader of epoch 2 that nobody else has.
TEST(Leading, a14_the_first_packet_behind_a_state_says_whether_it_lacks_what_both_servers_have) {
  MemberState state = member(3);
  state.history.append(at(1, 4), record());
  state.history.on_flushed(at(1, 4));
  Leader leader(std::move(state));
  leader.join(2, 2);
  leader.persisted(EpochFile::accepted);
  const Effects current = leader.hear(2, AckEpoch{at(1, 3), Epoch{1}});
  const auto synchronise = [&] {
    leader.join(3, 2);
    return leader.hear(3, AckEpoch{at(2, 1), Epoch{2}});
  };
  const auto lacks = [](const Effects& effects, Zxid state_at) {
    EXPECT_EQ(sent<Snap>(effects).at(0).at, state_at);
    const auto stream = std::ranges::find_if(
        effects, [](const Effect& effect) { return std::holds_alternative<StreamSnapshot>(effect); });
    return may_lack(at(2, 1), state_at, std::get<SendToLearner>(*std::next(stream)).packet);
  };
  EXPECT_TRUE(lacks(synchronise(), at(1, 3))) << "1:4 comes behind it";
  leader.role.on(LearnerLost{Leader::link(3)});
  leader.out = current;
  leader.persisted(EpochFile::current);
  leader.hear(2, Ack{at(3, 0)});
  EXPECT_FALSE(lacks(synchronise(), at(1, 4)));
}

TEST(Leading, b5_the_epoch_is_above_every_one_that_a_voter_has_accepted) {
  Leader leader;
  leader.join(2, 7);
  EXPECT_EQ(of<PersistEpoch>(leader.out).at(0).epoch, Epoch{8});
}

TEST(Leading, b6_observers_count_in_no_quorum) {
  Leader leader;
  leader.join(4, 1, true);
  EXPECT_TRUE(of<PersistEpoch>(leader.out).empty());
  leader.join(2);
  leader.persisted(EpochFile::accepted);
  leader.hear(4, AckEpoch{at(1, 3), Epoch{1}});
  EXPECT_TRUE(of<PersistEpoch>(leader.out).empty());
  leader.hear(2, AckEpoch{at(1, 3), Epoch{1}});
  leader.persisted(EpochFile::current);
  leader.hear(4, Ack{at(2, 0)});
  EXPECT_FALSE(leader.role.is_broadcasting());
  leader.hear(2, Ack{at(2, 0)});
  leader.propose();
  leader.flushed();
  EXPECT_TRUE(leader.hear(4, Ack{at(2, 1)}).empty());
}

TEST(Leading, i3_a_stranger_changes_no_epoch_and_an_epoch_out_of_reach_is_refused) {
  Leader leader;
  EXPECT_EQ(of<CloseLearnerLink>(leader.join(99, 1000)).size(), 1u);
  EXPECT_EQ(of<CloseLearnerLink>(leader.join(2, 0x7ffffffe)).size(), 1u);
  EXPECT_EQ(of<CloseLearnerLink>(leader.join(3, -5)).size(), 1u);
  leader.join(2);
  EXPECT_EQ(of<PersistEpoch>(leader.out).at(0).epoch, Epoch{2});
}

TEST(Leading, a_promise_of_one_with_a_more_recent_history_is_not_counted) {
  Leader leader;
  leader.join(2);
  leader.join(3);
  leader.out = {PersistEpoch{EpochFile::accepted, Epoch{2}}};
  leader.persisted(EpochFile::accepted);
  EXPECT_EQ(of<CloseLearnerLink>(leader.hear(2, AckEpoch{at(1, 4), Epoch{1}})).size(), 1u);
  EXPECT_FALSE(leader.role.failure()) << "server 3 may still make the quorum";
  leader.hear(3, AckEpoch{at(0, 9), Epoch{2}});
  EXPECT_TRUE(leader.role.failure());
}

TEST(Leading, b7_a_promise_without_a_history_to_trust_is_not_counted) {
  Leader leader;
  leader.join(2);
  leader.persisted(EpochFile::accepted);
  EXPECT_TRUE(of<PersistEpoch>(leader.hear(2, AckEpoch{Zxid{-1}, Epoch{1}})).empty());
}

TEST(Leading, b16_two_of_one_id_are_one) {
  Leader leader;
  leader.take_over();
  leader.role.on(LearnerConnected{LinkId{21}}, 0);
  leader.out.clear();
  leader.role.on(FromLearner{LinkId{21}, LearnerInfo{ServerId{2}, false, Epoch{2}}}, 0, leader.out);
  EXPECT_EQ(of<CloseLearnerLink>(leader.out).size(), 1u);
  leader.role.check_invariants();
  EXPECT_EQ(of<CloseLearnerLink>(leader.join(1)).size(), 1u) << "its own id";
}

TEST(Leading, commits_in_order_when_a_quorum_has_it_on_disk) {
  Leader leader;
  leader.take_over();
  leader.propose();
  leader.propose();
  EXPECT_TRUE(sent<Commit>(leader.hear(2, Ack{at(2, 2)})).empty()) << "its own disk is one of the two";
  const auto commits = sent<Commit>(leader.flushed());
  ASSERT_EQ(commits.size(), 2u);
  EXPECT_EQ(commits[0].zxid, at(2, 1));
  EXPECT_EQ(of<Deliver>(leader.out).size(), 2u);
}

TEST(Leading, a_quorum_without_this_servers_disk_commits_but_applies_later) {
  Leader leader;
  leader.take_over();
  leader.follow(3, at(1, 3));
  leader.propose();
  leader.hear(2, Ack{at(2, 1)});
  EXPECT_EQ(sent<Commit>(leader.hear(3, Ack{at(2, 1)})).size(), 2u);
  EXPECT_TRUE(of<Deliver>(leader.out).empty());
  EXPECT_EQ(of<Deliver>(leader.flushed()).size(), 1u);
}

TEST(Leading, an_acknowledgement_of_what_was_never_proposed_ends_that_link_only) {
  Leader leader;
  leader.take_over();
  EXPECT_EQ(of<CloseLearnerLink>(leader.hear(2, Ack{at(2, 1)})).size(), 1u);
  EXPECT_FALSE(leader.role.failure());
  EXPECT_TRUE(leader.hear(2, Ack{at(2, 0)}).empty()) << "nobody listens to it any more";
}

TEST(Leading, whatever_a_learner_sends_out_of_place_ends_its_link_only) {
  const Packet packets[] = {LearnerInfo{ServerId{2}},
                            LeaderInfo{},
                            AckEpoch{},
                            Diff{},
                            Trunc{},
                            Snap{},
                            Proposal{},
                            Commit{},
                            Inform{},
                            NewLeader{},
                            UpToDate{}};
  for (const Packet& packet : packets) {
    Leader leader;
    leader.take_over();
    EXPECT_EQ(of<CloseLearnerLink>(leader.hear(2, packet)).size(), 1u) << packet.index();
    EXPECT_FALSE(leader.role.failure());
  }
}

TEST(Leading, who_joins_while_proposals_are_under_way_gets_them_uncommitted_and_an_observer_does_not) {
  Leader leader;
  leader.take_over();
  leader.propose();
  leader.hear(2, Ack{at(2, 1)});
  leader.flushed();
  leader.propose();
  leader.join(3);
  leader.hear(3, AckEpoch{at(1, 3), Epoch{1}});
  const auto proposals = sent<Proposal>(leader.out);
  ASSERT_EQ(proposals.size(), 2u);
  ASSERT_EQ(sent<Commit>(leader.out).size(), 1u);
  EXPECT_EQ(sent<Commit>(leader.out)[0].zxid, at(2, 1));
  leader.join(4, 1, true);
  leader.hear(4, AckEpoch{at(1, 3), Epoch{1}});
  EXPECT_EQ(sent<Proposal>(leader.out).size(), 1u);
  leader.flushed();
  EXPECT_EQ(sent<Inform>(leader.hear(2, Ack{at(2, 2)})).size(), 1u);
}

TEST(Leading, a19_a_learner_that_logged_what_is_not_committed_yet_is_cut_back_first) {
  Leader leader;
  leader.take_over();
  leader.propose();
  leader.hear(2, Ack{at(2, 1)});
  leader.flushed();
  leader.propose();
  leader.join(3, 2);
  leader.hear(3, AckEpoch{at(2, 2), Epoch{2}});
  EXPECT_EQ(sent<Trunc>(leader.out).at(0).to, at(2, 1));
  EXPECT_EQ(sent<Proposal>(leader.out).at(0).zxid, at(2, 2));
}

TEST(Leading, b10_a_leader_that_loses_its_quorum_steps_down_within_two_looks) {
  Leader leader;
  leader.take_over();
  leader.role.on(LearnerLost{Leader::link(2)});
  leader.role.on_time(1'000, leader.out);
  leader.role.on_time(2'000, leader.out);
  EXPECT_TRUE(leader.role.failure());
}

TEST(Leading, a_silent_learner_is_dropped_after_sync_limit) {
  Leader leader;
  leader.take_over();
  leader.out.clear();
  leader.role.on_time(10'001, leader.out);
  EXPECT_EQ(of<CloseLearnerLink>(leader.out).size(), 1u);
}

TEST(Leading, j4_a_learner_that_takes_its_state_slowly_is_not_silent) {
  Leader leader;
  leader.take_over();
  leader.join(3);
  for (std::int64_t now_ms = 1'000; now_ms <= 200'000; now_ms += 1'000) {
    leader.role.on(LearnerProgress{Leader::link(3)}, now_ms);
    leader.role.on(FromLearner{Leader::link(2), Ping{}}, now_ms, leader.out);
    leader.out.clear();
    leader.role.on_time(now_ms, leader.out);
    ASSERT_TRUE(of<CloseLearnerLink>(leader.out).empty()) << now_ms;
  }
}

TEST(Leading, b9_a_leader_without_followers_gives_up_after_init_limit) {
  Leader leader;
  leader.role.on_time(20'001, leader.out);
  EXPECT_TRUE(leader.role.failure());
}

TEST(Leading, what_a_learner_says_of_its_clients_in_a_ping_is_passed_to_the_server) {
  Leader leader;
  leader.take_over();
  EXPECT_TRUE(leader.hear(2, Ping{}).empty());
  const auto passed = of<PassToServer>(leader.hear(2, Ping{at(1, 1), "sessions"}));
  ASSERT_EQ(passed.size(), 1u);
  EXPECT_EQ(passed.at(0).packet.type, 5);
  EXPECT_EQ(passed.at(0).packet.data, "sessions");
}

TEST(Leading, a_server_without_an_ensemble_counts_on_over_the_end_of_an_epoch) {
  MemberState state = member(0);
  state.history.replace(at(2, 0xfffffffd));
  Leading alone = Leading::alone(state);
  Effects out;
  for (int i = 0; i < 3; ++i) alone.propose(alone.next_zxid(), record(), out);
  EXPECT_FALSE(alone.failure()) << "it has nobody to elect it anew";
  EXPECT_EQ(alone.next_zxid(), at(3, 1));
}

TEST(Leading, a_voter_that_promised_a_later_epoch_to_another_gets_a_new_epoch_after_a_while) {
  Leader leader;
  leader.take_over();
  EXPECT_EQ(of<CloseLearnerLink>(leader.join(3, 5)).size(), 1u);
  for (std::int64_t ms = 1'000; ms <= 22'000; ms += 1'000) {
    leader.now_ms = ms;
    leader.role.on_time(ms, leader.out);
    if (!leader.role.failure()) leader.hear(2, Ping{});
  }
  ASSERT_TRUE(leader.role.failure());
  Effects out;
  Leading next(leader.state, 30'000, out);
  next.on(LearnerConnected{LinkId{1}}, 30'000);
  next.on(FromLearner{LinkId{1}, LearnerInfo{ServerId{2}, false, Epoch{2}}}, 30'000, out);
  EXPECT_EQ(of<PersistEpoch>(out).at(0).epoch, Epoch{6});
}

}  // namespace
}  // namespace quoll::zab
