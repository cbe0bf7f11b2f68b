#include "zab/election.h"

#include <gtest/gtest.h>

namespace quoll::zab {
namespace {

Configuration three() {
  return {QuorumVerifier::majority({{ServerId{1}}, {ServerId{2}}, {ServerId{3}}, {ServerId{4}, false}}, 0, "text"), {}};
}

Vote vote_for(std::int64_t id, std::int64_t zxid = 7, std::int64_t epoch = 1) {
  return Vote{Epoch{epoch}, Zxid{zxid}, ServerId{id}};
}

Notification says(State state, Vote vote, std::int64_t round) {
  return Notification{state, vote, round, 2, ""};
}

struct Voting {
  explicit Voting(std::int64_t self, Vote own, std::int64_t round = 1)
      : configuration(three()), election({ServerId{self}, own, true}, configuration, {}, round, {}) {
    election.start(0, told);
  }
  void hear(std::int64_t from, const Notification& notification, std::int64_t now_ms = 1) {
    told.clear();
    election.on(ServerId{from}, notification, now_ms, told);
  }
  Configuration configuration;
  std::vector<Told> told;
  Election election;
};

TEST(Election, every_voter_but_itself_is_told_the_first_vote) {
  const Voting voting(1, vote_for(1));
  ASSERT_EQ(voting.told.size(), 2u);
  EXPECT_EQ(voting.told[0].to, ServerId{2});
  EXPECT_EQ(voting.told[1].to, ServerId{3});
  EXPECT_EQ(voting.told[0].notification.vote, vote_for(1));
}

TEST(Election, votes_are_compared_by_epoch_then_zxid_then_id) {
  EXPECT_GT(vote_for(1, 1, 2), vote_for(3, 9, 1));
  EXPECT_GT(vote_for(1, 8, 1), vote_for(3, 7, 1));
  EXPECT_GT(vote_for(2, 7, 1), vote_for(1, 7, 1));
  EXPECT_LT(Vote{}, vote_for(1, -1, -1));
}

TEST(Election, a_better_vote_is_adopted_and_told_and_a_worse_one_is_not) {
  Voting voting(2, vote_for(2));
  voting.hear(1, says(State::looking, vote_for(1), 1));
  EXPECT_EQ(voting.election.vote(), vote_for(2));
  voting.told.clear();
  voting.hear(1, says(State::looking, vote_for(1), 1));
  EXPECT_TRUE(voting.told.empty());
  voting.hear(3, says(State::looking, vote_for(3), 1));
  EXPECT_EQ(voting.election.vote(), vote_for(3));
  EXPECT_EQ(voting.told.size(), 2u);
}

// What it was told before it began to look, while it still followed, is lost.
TEST(Election, one_that_is_heard_for_the_first_time_in_a_round_is_told_the_vote) {
  Voting voting(2, vote_for(2));
  voting.told.clear();
  voting.hear(1, says(State::looking, vote_for(1), 1));
  ASSERT_EQ(voting.told.size(), 1u);
  EXPECT_EQ(voting.told[0].to, ServerId{1});
  EXPECT_EQ(voting.told[0].notification.vote, vote_for(2));
}

TEST(Election, when_all_have_voted_nobody_waits) {
  Voting voting(1, vote_for(1));
  voting.hear(2, says(State::looking, vote_for(3), 1));
  EXPECT_FALSE(voting.election.outcome()) << "server 3 may still bring a better vote";
  voting.hear(3, says(State::looking, vote_for(3), 1));
  ASSERT_TRUE(voting.election.outcome());
  EXPECT_EQ(voting.election.outcome()->vote, vote_for(3));
}

TEST(Election, a_quorum_without_the_last_voter_decides_after_the_quiet_time) {
  Voting voting(2, vote_for(2));
  voting.hear(1, says(State::looking, vote_for(2), 1), 10);
  ASSERT_FALSE(voting.election.outcome());
  EXPECT_EQ(voting.election.next_deadline_ms(), 200);
  voting.election.on_time(209, voting.told);
  EXPECT_FALSE(voting.election.outcome());
  voting.election.on_time(210, voting.told);
  EXPECT_TRUE(voting.election.outcome());
}

TEST(Election, a_voter_that_cannot_be_reached_is_not_waited_for) {
  Voting voting(2, vote_for(2));
  voting.hear(1, says(State::looking, vote_for(2), 1));
  voting.election.on_unreachable(ServerId{3}, 5);
  EXPECT_TRUE(voting.election.outcome());
}

TEST(Election, a_vote_of_an_earlier_round_is_answered_and_not_counted) {
  Voting voting(2, vote_for(2), 5);
  voting.hear(1, says(State::looking, vote_for(2), 4));
  ASSERT_EQ(voting.told.size(), 1u);
  EXPECT_EQ(voting.told[0].notification.round, 5);
  EXPECT_EQ(voting.election.supporters(), std::vector{ServerId{2}});
}

TEST(Election, a_later_round_empties_the_ballot) {
  Voting voting(2, vote_for(2));
  voting.hear(1, says(State::looking, vote_for(2), 1));
  voting.hear(3, says(State::looking, vote_for(1, 6), 9));
  EXPECT_EQ(voting.election.round(), 9);
  EXPECT_EQ(voting.election.vote(), vote_for(2)) << "its own vote is better than the one it heard";
  EXPECT_EQ(voting.election.supporters(), std::vector{ServerId{2}});
}

TEST(Election, an_established_leader_is_joined_when_a_quorum_with_it_says_so) {
  Voting voting(1, vote_for(1, 99, 9));
  voting.hear(2, says(State::following, vote_for(3), 40));
  EXPECT_FALSE(voting.election.outcome()) << "the leader itself has not been heard";
  voting.hear(3, says(State::leading, vote_for(3, 5), 41));
  ASSERT_TRUE(voting.election.outcome()) << "zxid and round of established members differ (ZOOKEEPER-1805)";
  EXPECT_EQ(voting.election.outcome()->vote.leader, ServerId{3});
  EXPECT_EQ(voting.election.outcome()->round, 41);
}

TEST(Election, members_that_still_follow_this_server_from_before_its_restart_do_not_make_it_lead) {
  Voting voting(1, vote_for(1));
  voting.hear(2, says(State::following, vote_for(1), 40));
  voting.hear(3, says(State::following, vote_for(1), 40));
  EXPECT_FALSE(voting.election.outcome());
}

TEST(Election, one_that_claims_to_lead_without_followers_is_not_joined) {
  Voting voting(1, vote_for(1));
  voting.hear(3, says(State::leading, vote_for(3), 2));
  EXPECT_FALSE(voting.election.outcome());
}

TEST(Election, servers_before_3_4_6_remember_another_epoch_and_are_counted_together_all_the_same) {
  Voting voting(1, vote_for(1));
  Notification old = says(State::following, vote_for(3, 7, 4), 2);
  old.version = 0;
  voting.hear(2, old);
  voting.hear(3, says(State::leading, vote_for(3, 7, 5), 2));
  EXPECT_TRUE(voting.election.outcome());
}

TEST(Election, observers_and_strangers_are_answered_and_not_counted) {
  Voting voting(2, vote_for(2));
  for (const std::int64_t id : {4, 99}) {
    voting.hear(id, says(State::looking, vote_for(id, 1000, 1000), 1));
    ASSERT_EQ(voting.told.size(), 1u);
    EXPECT_EQ(voting.told[0].to, ServerId{id});
  }
  EXPECT_EQ(voting.election.vote(), vote_for(2));
}

TEST(Election, an_observer_and_a_voter_of_different_rounds_do_not_answer_each_other_without_end) {
  for (const std::int64_t round : {1, 5, 9}) {
    Voting voter(2, vote_for(2), 5);
    Voting observer(4, Vote{}, round);
    std::vector<Told> to_voter = std::exchange(observer.told, {});
    std::erase_if(to_voter, [](const Told& told) { return told.to != ServerId{2}; });
    int messages = 0;
    while (!to_voter.empty() && ++messages < 100) {
      voter.hear(4, to_voter.front().notification);
      to_voter.erase(to_voter.begin());
      for (const Told& answer : std::vector(voter.told)) {
        if (answer.to != ServerId{4}) continue;
        observer.hear(2, answer.notification);
        for (const Told& next : observer.told) {
          if (next.to == ServerId{2}) to_voter.push_back(next);
        }
      }
    }
    EXPECT_LE(messages, 2) << round;
    // Apache's server, as a voter, answers the observer always.
    observer.hear(2, says(State::looking, vote_for(2), round - 1));
    EXPECT_TRUE(observer.told.empty());
  }
}

TEST(Election, nobody_votes_for_an_observer_or_a_stranger) {
  Voting voting(2, vote_for(2));
  voting.hear(1, says(State::looking, vote_for(4, 1000, 1000), 1));
  voting.hear(3, says(State::looking, vote_for(99, 1000, 1000), 1));
  EXPECT_EQ(voting.election.vote(), vote_for(2));
  EXPECT_FALSE(voting.election.outcome());
}

TEST(Election, a_server_that_may_not_lead_helps_others_to) {
  Voting voting(3, Vote{});
  voting.hear(1, says(State::looking, vote_for(1), 1));
  voting.hear(2, says(State::looking, vote_for(1), 1));
  ASSERT_TRUE(voting.election.outcome());
  EXPECT_EQ(voting.election.outcome()->vote.leader, ServerId{1});
}

TEST(Election, b7_an_empty_server_that_was_not_told_to_be_new_helps_nobody) {
  const Configuration configuration = three();
  std::vector<Told> told;
  Election election({ServerId{3}, Vote{}, false}, configuration, {}, 1, {});
  election.start(0, told);
  election.on(ServerId{1}, says(State::looking, vote_for(1), 1), 1, told);
  election.on_unreachable(ServerId{2}, 2);
  election.on_time(1000, told);
  EXPECT_FALSE(election.outcome());
}

TEST(Election, a_server_that_does_not_count_asks_soon_what_came_of_an_election) {
  const Configuration configuration = three();
  std::vector<Told> told;
  Election election({ServerId{3}, Vote{}, false}, configuration, {}, 1, {});
  election.start(0, told);
  std::int64_t now_ms = 0;
  for (int times = 0; times < 10; ++times) {
    now_ms = election.next_deadline_ms();
    election.on_time(now_ms, told);
  }
  ASSERT_GT(election.next_deadline_ms() - now_ms, 50'000);
  election.on(ServerId{1}, says(State::looking, vote_for(1), 1), now_ms, told);
  EXPECT_EQ(election.next_deadline_ms() - now_ms, 200);
}

TEST(Election, the_vote_is_repeated_ever_more_rarely) {
  Voting voting(1, vote_for(1));
  std::int64_t now_ms = 0;
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 12; ++i) {
    waits.push_back(voting.election.next_deadline_ms() - now_ms);
    now_ms = voting.election.next_deadline_ms();
    voting.told.clear();
    voting.election.on_time(now_ms, voting.told);
    EXPECT_EQ(voting.told.size(), 2u);
  }
  EXPECT_EQ(waits.front(), 200);
  EXPECT_EQ(waits[1], 400);
  EXPECT_EQ(waits.back(), 60000);
}

TEST(QuorumVerifier, a_majority_is_more_than_half_of_the_voters) {
  const Configuration configuration = three();
  const auto of = [&](std::set<std::int64_t> ids) {
    return configuration.is_quorum([&](ServerId id) { return ids.contains(id.value()); });
  };
  EXPECT_FALSE(of({1}));
  EXPECT_FALSE(of({1, 4})) << "an observer does not count";
  EXPECT_FALSE(of({1, 99}));
  EXPECT_TRUE(of({1, 3}));
}

TEST(QuorumVerifier, groups_need_most_of_the_weight_in_most_of_the_groups) {
  // Three groups of three; the last group has no weight.
  std::vector<Member> members;
  for (std::int64_t id = 1; id <= 9; ++id) members.push_back({ServerId{id}, true, id > 6 ? 0 : 1, (id - 1) / 3});
  const auto verifier = QuorumVerifier::hierarchical(members, 0, "");
  const auto of = [&](std::set<std::int64_t> ids) {
    return verifier->is_quorum([&](ServerId id) { return ids.contains(id.value()); });
  };
  EXPECT_FALSE(of({1, 2})) << "one of two groups";
  EXPECT_FALSE(of({1, 2, 4, 7, 8, 9}));
  EXPECT_TRUE(of({1, 2, 4, 5}));
  EXPECT_TRUE(verifier->may_lead(ServerId{1}));
  EXPECT_FALSE(verifier->may_lead(ServerId{7})) << "weight 0";
}

TEST(QuorumVerifier, while_the_configuration_changes_both_must_agree) {
  Configuration both{QuorumVerifier::majority({{ServerId{1}}, {ServerId{2}}, {ServerId{3}}}, 1, ""),
                     QuorumVerifier::majority({{ServerId{3}}, {ServerId{4}}, {ServerId{5}}}, 2, "")};
  const auto of = [&](std::set<std::int64_t> ids) {
    return both.is_quorum([&](ServerId id) { return ids.contains(id.value()); });
  };
  EXPECT_FALSE(of({1, 2}));
  EXPECT_FALSE(of({4, 5}));
  EXPECT_TRUE(of({1, 3, 4}));
  EXPECT_EQ(both.voters().size(), 5u);
}

}  // namespace
}  // namespace quoll::zab
