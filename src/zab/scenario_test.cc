// What once broke ensembles of ZooKeeper, played again on whole ensembles of zab; the names begin with the rows of
// docs/faults.md.
#include <algorithm>
#include <gtest/gtest.h>

#include "zab/test_ensemble.h"

namespace quoll::zab::testing {
namespace {

constexpr std::int64_t kPatienceMs = 60'000;

// Three members that have converged on `proposals` transactions.
struct Three : Ensemble {
  explicit Three(std::uint64_t seed, std::size_t proposals = 5) : Ensemble(seed, 3, 0) {
    start_all();
    EXPECT_TRUE(run_until([&] { return has_converged(); }, kPatienceMs)) << broken();
    add(proposals);
    EXPECT_TRUE(run_until([&] { return has_converged(); }, kPatienceMs)) << broken();
  }
  // Proposes on the leader, and waits until clients may have seen it.
  void add(std::size_t proposals) {
    const std::size_t before = visible().size();
    for (std::size_t i = 0; i < proposals; ++i) propose(leader());
    EXPECT_TRUE(run_until([&] { return visible().size() == before + proposals; }, kPatienceMs)) << broken();
  }
  // Those that are up serve everything that was seen.
  bool settle() {
    return run_until(
        [&] {
          if (leader() == -1) return false;
          return std::ranges::all_of(ids(), [&](int id) { return !is_up(id) || serves_all(id); });
        },
        kPatienceMs);
  }
  bool serves_all(int id) {
    const Peer& member = peer(id);
    const bool follows = member.learning() != nullptr && member.learning()->phase() == Learning::Phase::broadcasting;
    return (follows || member.leading() != nullptr) && state(id) == visible();
  }
};

TEST(Scenarios, a1_followers_that_lose_power_before_uptodate_keep_what_the_leader_showed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Three e(seed);
    for (const int id : e.ids()) e.crash(id);
    bool is_serving = false;
    e.on_packet = [&](int, int, const Packet& packet) {
      is_serving |= std::holds_alternative<UpToDate>(packet);
      return !std::holds_alternative<UpToDate>(packet);
    };
    e.start_all();
    ASSERT_TRUE(e.run_until([&] { return is_serving; }, kPatienceMs));
    const int leader = e.leader();
    for (const int id : e.ids()) e.crash(id);
    e.on_packet = nullptr;
    for (const int id : e.ids()) {
      if (id != leader) e.start(id);
    }
    ASSERT_TRUE(e.settle()) << e.broken();
    EXPECT_EQ(e.visible().size(), 5u);
    EXPECT_EQ(e.broken(), "");
  }
}

// How a member comes to lack, or to have too much of, the history: it is down or alone afterwards.
enum class Gap { few, many, too_much };

int make_gap(Three& e, Gap gap) {
  if (gap == Gap::too_much) {
    // A leader logs without a quorum.
    const int old = e.leader();
    for (const int id : e.ids()) {
      e.cut(old, id);
      e.cut(id, old);
    }
    for (int i = 0; i < 3; ++i) e.propose(old);
    EXPECT_TRUE(e.run_until([&] { return e.leader() != old && e.leader() != -1; }, kPatienceMs)) << e.broken();
    e.add(2);
    e.crash(old);
    e.heal();
    return old;
  }
  const int away = e.leader() == 1 ? 2 : 1;
  e.crash(away);
  e.add(gap == Gap::few ? 3 : 40);
  return away;
}

// Kills the member at every effect of its synchronisation in turn, then the leader: whoever is elected has everything.
void kill_at_every_effect(Gap gap) {
  for (int kill = 0;; ++kill) {
    SCOPED_TRACE(kill);
    Three e(static_cast<std::uint64_t>(kill) + 1);
    const int member = make_gap(e, gap);
    int effects = 0;
    bool is_killed = false;
    e.on_effect = [&](int id, const Effect&) {
      is_killed |= id == member && effects++ == kill;
      return !(id == member && is_killed);
    };
    e.start(member);
    e.run_until([&] { return is_killed || e.serves_all(member); }, kPatienceMs);
    e.on_effect = nullptr;
    if (!is_killed) {
      EXPECT_GT(kill, 5) << "some effects were tried";
      return;
    }
    ASSERT_NE(e.leader(), -1);
    e.crash(e.leader());
    e.start(member);
    ASSERT_TRUE(e.settle()) << e.broken();
    for (const int id : e.ids()) {
      if (!e.is_up(id)) e.start(id);
    }
    ASSERT_TRUE(e.settle()) << e.broken();
    EXPECT_EQ(e.broken(), "");
  }
}

TEST(Scenarios, a2_a3_killed_at_any_effect_of_a_diff_a_member_has_what_it_acknowledged) {
  kill_at_every_effect(Gap::few);
}

TEST(Scenarios, a14_a16_killed_at_any_effect_of_a_snapshot_a_member_has_what_it_acknowledged) {
  kill_at_every_effect(Gap::many);
}

TEST(Scenarios, a8_a11_a12_killed_at_any_effect_of_a_truncation_a_member_has_nothing_too_much) {
  kill_at_every_effect(Gap::too_much);
}

// The link breaks behind every packet of the synchronisation in turn, and the member comes again.
void break_behind_every_packet(Gap gap) {
  for (int at = 0;; ++at) {
    SCOPED_TRACE(at);
    Three e(static_cast<std::uint64_t>(at) + 1);
    const int member = make_gap(e, gap);
    int packets = 0;
    bool is_broken = false;
    e.on_packet = [&](int from, int to, const Packet&) {
      const bool breaks = !is_broken && (from == member || to == member) && packets++ == at;
      is_broken |= breaks;
      return !breaks;
    };
    e.start(member);
    ASSERT_TRUE(e.settle()) << e.broken();
    EXPECT_EQ(e.broken(), "");
    e.crash(member);
    e.start(member);
    ASSERT_TRUE(e.settle()) << "after a restart: " << e.broken();
    if (!is_broken) return;
  }
}

TEST(Scenarios, a10_a17_a_link_that_breaks_behind_any_packet_leaves_no_hole) {
  for (const Gap gap : {Gap::few, Gap::many, Gap::too_much}) break_behind_every_packet(gap);
}

TEST(Scenarios, a6_what_came_by_a_diff_is_given_on_by_a_diff) {
  Three e(1);
  e.crash(1);
  e.add(2);
  e.crash(2);
  // Nobody has what is proposed now but the leader; the third one gets it by a DIFF.
  for (int i = 0; i < 3; ++i) e.propose(3);
  e.run_for(20);
  e.start(2);
  ASSERT_TRUE(e.settle()) << e.broken();
  e.crash(3);
  e.start(1);
  ASSERT_TRUE(e.settle()) << e.broken();
  EXPECT_EQ(e.leader(), 2);
  EXPECT_EQ(e.state(1).size(), e.visible().size());
  EXPECT_EQ(e.broken(), "");
}

TEST(Scenarios, a7_after_each_of_many_broken_links_the_state_is_that_of_the_disk) {
  Three e(3);
  for (int round = 0; round < 300; ++round) {
    const int member = 1 + round % 2;
    bool is_broken = false;
    e.on_packet = [&](int from, int to, const Packet&) {
      const bool breaks = !is_broken && (from == member || to == member);
      is_broken |= breaks;
      return !breaks;
    };
    for (int i = 0; i < 3 && e.leader() != -1; ++i) e.propose(e.leader());
    e.run_for(static_cast<std::int64_t>(e.below(40)));
    ASSERT_EQ(e.broken(), "") << round;
    for (const int id : e.ids()) {
      const std::vector<Zxid> disk = e.disk(id).history();
      ASSERT_LE(e.state(id).size(), disk.size());
      ASSERT_TRUE(std::equal(e.state(id).begin(), e.state(id).end(), disk.begin())) << id;
    }
  }
  e.on_packet = nullptr;
  ASSERT_TRUE(e.settle()) << e.broken();
}

TEST(Scenarios, a20_a22_a_member_that_joins_while_proposals_flow_has_all_of_them) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Three e(seed);
    e.crash(1);
    e.add(3);
    e.start(1);
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(e.propose(e.leader()));
      e.run_for(1);
    }
    ASSERT_TRUE(e.run_until([&] { return e.visible().size() == 208 && e.serves_all(1); }, kPatienceMs)) << e.broken();
    EXPECT_EQ(e.broken(), "");
    EXPECT_EQ(e.disk(1).history(), e.visible());
  }
}

TEST(Scenarios, b7_a_member_that_lost_its_disk_and_one_that_was_away_do_not_lead) {
  Three e(1);
  e.crash(1);
  e.add(5);
  e.crash(2);
  e.crash(3);
  e.wipe(2);
  e.disk(2).is_complete = false;  // db.autocreate=false
  e.start(1);
  e.start(2);
  e.run_for(30'000);
  EXPECT_EQ(e.leader(), -1) << "nobody of these has the last five";
  e.start(3);
  ASSERT_TRUE(e.settle()) << e.broken();
  EXPECT_TRUE(e.disk(2).is_complete) << "a leader has given it everything";
  // So it counts again.
  e.crash(3);
  ASSERT_TRUE(e.settle()) << e.broken();
  EXPECT_EQ(e.visible().size(), 10u);
}

TEST(Scenarios, the_last_round_that_there_is_does_not_stop_elections) {
  Three e(1);
  for (int times = 0; times < 4; ++times) {
    e.crash(e.leader());
    const Notification lie{State::looking, Vote{Epoch{0}, Zxid{0}, ServerId{1}}, INT64_MAX, 2, ""};
    for (int ms = 0; ms < 40; ++ms) {
      for (const int id : e.ids()) e.tell(id, NotificationReceived{ServerId{3}, lie});
      e.run_for(1);
    }
    ASSERT_TRUE(e.settle()) << e.broken();
    for (const int id : e.ids()) {
      if (!e.is_up(id)) e.start(id);
    }
    ASSERT_TRUE(e.settle()) << e.broken();
    e.add(1);
  }
  EXPECT_EQ(e.broken(), "");
}

TEST(Scenarios, b8_members_that_restart_one_after_another_in_any_order_join_again) {
  std::vector<int> order{1, 2, 3};
  do {
    Three e(7);
    for (const int id : order) {
      e.crash(id);
      e.run_for(500);
      e.start(id);
      ASSERT_TRUE(e.settle()) << e.broken();
      e.add(1);
    }
    EXPECT_EQ(e.broken(), "");
  } while (std::ranges::next_permutation(order).found);
}

TEST(Scenarios, b10_a_leader_that_nobody_follows_any_more_follows_the_next_one) {
  Three e(5);
  const int old = e.leader();
  for (const int id : e.ids()) {
    e.cut(old, id);
    e.cut(id, old);
  }
  ASSERT_TRUE(e.run_until([&] { return e.peer(old).looking() != nullptr; }, kPatienceMs)) << "it gives up";
  ASSERT_TRUE(e.run_until([&] { return e.leader() != -1 && e.leader() != old; }, kPatienceMs)) << e.broken();
  const int next = e.leader();
  e.heal();
  ASSERT_TRUE(e.settle()) << e.broken();
  EXPECT_EQ(e.leader(), next) << "who comes back disturbs nobody";
  EXPECT_EQ(e.broken(), "");
}

TEST(Scenarios, b11_a_member_that_swallows_everything_delays_no_election) {
  Ensemble e(1, 5, 0);
  e.start_all();
  ASSERT_TRUE(e.run_until([&] { return e.has_converged(); }, kPatienceMs)) << e.broken();
  for (const int id : e.ids()) {
    e.cut(4, id);
    e.cut(id, 4);
  }
  e.crash(5);
  const std::int64_t died_ms = e.now_ms();
  ASSERT_TRUE(e.run_until([&] { return e.leader() != -1; }, kPatienceMs)) << e.broken();
  EXPECT_NE(e.leader(), 4);
  EXPECT_LE(e.now_ms() - died_ms, 2 * Ensemble::kTimes.init_ms()) << "at most one vote for the silent one";
}

// Who can reach whom; all other directions are cut.
void expect_a_leader(int voters, const std::set<std::pair<int, int>>& open) {
  Ensemble e(3, voters, 0);
  for (const int a : e.ids()) {
    for (const int b : e.ids()) {
      if (a != b && !open.contains({a, b})) e.cut(a, b);
    }
  }
  e.start_all();
  ASSERT_TRUE(e.run_until([&] { return e.leader() != -1; }, kPatienceMs)) << e.broken();
  const std::size_t before = e.visible().size();
  ASSERT_TRUE(e.run_until(
      [&] {
        if (e.leader() != -1) e.propose(e.leader());
        return e.visible().size() > before;
      },
      kPatienceMs))
      << e.broken();
  // It stays: an epoch is not begun again and again.
  e.run_for(kPatienceMs);
  ASSERT_NE(e.leader(), -1);
  EXPECT_LE(e.peer(e.leader()).leading()->epoch(), Epoch{20});
  EXPECT_EQ(e.broken(), "");
}

TEST(Scenarios, b17_a_network_that_connects_only_some_pairs_comes_to_have_a_leader) {
  const auto both = [](std::initializer_list<std::pair<int, int>> pairs) {
    std::set<std::pair<int, int>> open;
    for (const auto& [a, b] : pairs) open.insert({{a, b}, {b, a}});
    return open;
  };
  expect_a_leader(3, both({{1, 2}, {2, 3}}));
  expect_a_leader(3, both({{1, 3}, {3, 2}}));
  // Two groups with one bridge.
  expect_a_leader(5, both({{1, 2}, {2, 3}, {1, 3}, {3, 4}, {4, 5}, {3, 5}}));
}

TEST(Scenarios, i1_i2_the_numbers_of_an_epoch_are_used_up_and_the_next_epoch_goes_on_at_once) {
  Ensemble e(1, 3, 0);
  e.counter_max = 10;
  e.start_all();
  ASSERT_TRUE(e.run_until([&] { return e.has_converged(); }, kPatienceMs)) << e.broken();
  std::int64_t longest_ms = 0;
  std::int64_t since_ms = e.now_ms();
  for (std::size_t seen = e.visible().size(); e.visible().size() < 40;) {
    if (e.leader() != -1) e.propose(e.leader());
    e.run_for(1);
    if (e.visible().size() == seen) continue;
    longest_ms = std::max(longest_ms, e.now_ms() - since_ms);
    since_ms = e.now_ms();
    seen = e.visible().size();
    ASSERT_LT(e.now_ms(), 10 * kPatienceMs);
  }
  EXPECT_LE(longest_ms, 500) << "one election without a wait";
  EXPECT_GE(e.visible().back().epoch(), Epoch{4});
  EXPECT_EQ(e.broken(), "");
}

}  // namespace
}  // namespace quoll::zab::testing
