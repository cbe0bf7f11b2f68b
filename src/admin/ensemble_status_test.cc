// What the members of a simulated ensemble answer to four-letter words, and what their state dumps say.
#include "admin/ensemble_status.h"

#include <gtest/gtest.h>

#include "admin/four_letter_words.h"
#include "admin/state_dump.h"
#include "server/test_ensemble.h"

namespace quoll::admin {
namespace {

class AskedEnsemble : public server::EnsembleWorld {
 public:
  using EnsembleWorld::EnsembleWorld;
  std::string ask(int id, std::string_view word) {
    Facts facts;
    FourLetterWords words(*server(id), facts, {.all = true});
    const env::Address from{};
    const auto answer = words.long_answer(word, from);
    if (answer == nullptr) return words.answer(word, "", from);
    std::string text;
    while (answer->append_more(text)) {
    }
    return text;
  }
  std::string dump(int id) {
    std::string text;
    for (const std::string& line : state_dump(*server(id), Facts{})) text += line + "\n";
    return text;
  }
};

TEST(EnsembleStatus, each_member_says_its_role) {
  AskedEnsemble e(3, 1);
  e.start_all();
  ASSERT_TRUE(e.settle());
  const int leader = e.leader();
  for (int id = 1; id <= 4; ++id) {
    const std::string mode = id == leader ? "leader" : id == 4 ? "observer" : "follower";
    const std::string state = id == leader ? "leading" : id == 4 ? "observing" : "following";
    EXPECT_TRUE(e.ask(id, "srvr").contains("\nMode: " + mode + "\n"));
    const std::string mntr = e.ask(id, "mntr");
    EXPECT_TRUE(mntr.contains("zk_server_state\t" + mode + "\nzk_peer_state\t" + state + " - broadcast\n")) << mntr;
    EXPECT_TRUE(mntr.contains("zk_quorum_size\t3\n"));
    EXPECT_EQ(mntr.contains("zk_synced_observers\t"), mode == "leader");
    EXPECT_EQ(mntr.contains(fmt::format("zk_observer_master_id\t{}\n", leader)), mode == "observer");
    EXPECT_EQ(e.ask(id, "isro"), "rw");
  }
}

TEST(EnsembleStatus, a_leader_counts_its_learners_and_proposals) {
  AskedEnsemble e(3, 1);
  e.start_all();
  ASSERT_TRUE(e.settle());
  const int leader = e.leader();
  EXPECT_EQ(e.connected(leader).create("/a", "x"), Error::ok);
  const std::string mntr = e.ask(leader, "mntr");
  for (const auto* line : {"zk_learners\t3\n", "zk_synced_followers\t2\n", "zk_synced_non_voting_followers\t0\n",
                           "zk_synced_observers\t1\n", "zk_pending_syncs\t0\n"})
    EXPECT_TRUE(mntr.contains(line)) << line << mntr;
  EXPECT_FALSE(mntr.contains("zk_last_proposal_size\t-1\n"));
  EXPECT_TRUE(mntr.contains("zk_leader_uptime\t"));
  EXPECT_TRUE(e.ask(leader, "srvr").contains("\nProposal sizes last/min/max: "));
  e.ask(leader, "srst");
  EXPECT_TRUE(e.ask(leader, "srvr").ends_with("\nProposal sizes last/min/max: -1/-1/-1\n"));
  EXPECT_FALSE(e.ask(e.a_learner(), "srvr").contains("Proposal"));
}

TEST(EnsembleStatus, conf_tells_ports_and_membership) {
  AskedEnsemble e(2, 1);
  e.start_all();
  ASSERT_TRUE(e.settle());
  EXPECT_TRUE(
      e.ask(3, "conf").ends_with("serverId=3\ninitLimit=10\nsyncLimit=5\nelectionAlg=3\nelectionPort=3888\n"
                                 "quorumPort=2888\npeerType=1\nmembership: \n"
                                 "server.1=server1:2888:3888:participant\n"
                                 "server.2=server2:2888:3888:participant\n"
                                 "server.3=server3:2888:3888:observer\nversion=0"))
      << e.ask(3, "conf");
  EXPECT_TRUE(e.ask(1, "conf").contains("\npeerType=0\n"));
}

TEST(EnsembleStatus, dump_of_a_learner_lists_sessions_without_their_expiry) {
  AskedEnsemble e(3);
  e.start_all();
  ASSERT_TRUE(e.settle());
  e.connected(e.leader(), 20000);
  ASSERT_TRUE(e.agree());
  const std::string learner = e.ask(e.a_learner(), "dump");
  EXPECT_TRUE(learner.starts_with("SessionTracker dump:\nGlobal Sessions(1):\n0x")) << learner;
  EXPECT_TRUE(learner.contains("\t20000ms\nephemeral nodes dump:\n")) << learner;
  EXPECT_TRUE(e.ask(e.leader(), "dump").starts_with("SessionTracker dump:\nSession Sets ("));
}

TEST(EnsembleStatus, a_server_without_a_quorum_says_that_it_does_not_serve) {
  AskedEnsemble e(3);
  e.start(2);
  e.simulation.run_for(3000);
  constexpr std::string_view kNotServing = "This ZooKeeper instance is not currently serving requests\n";
  for (const auto* word : {"srvr", "stat", "mntr", "conf", "cons", "dump", "wchs", "dirs"})
    EXPECT_EQ(e.ask(2, word), kNotServing) << word;
  EXPECT_EQ(e.ask(2, "ruok"), "imok");
  EXPECT_EQ(e.ask(2, "isro"), "null");
}

TEST(EnsembleStatus, the_state_dump_says_what_a_server_without_a_leader_waits_for) {
  AskedEnsemble e(3);
  e.start(2);
  e.simulation.run_for(3000);
  const std::string alone = e.dump(2);
  EXPECT_TRUE(alone.starts_with("State: looking, not serving, zxid 0x0\n")) << alone;
  EXPECT_TRUE(alone.contains("\nState: votes in round 1 for server 2 (zxid 0x0, epoch 0); so do: 2; not reachable: "))
      << alone;
  EXPECT_TRUE(alone.contains("\nState: waits for a leader with a quorum")) << alone;
}

TEST(EnsembleStatus, the_state_dump_says_who_follows_and_who_is_missing) {
  AskedEnsemble e(3);
  e.start(1);
  e.start(3);
  ASSERT_TRUE(e.settle());
  const int leader = e.leader();
  EXPECT_TRUE(e.dump(leader).contains(
      fmt::format("\nState: leads epoch 1, broadcast; behind it: {}; missing: 2\n", 4 - leader)))
      << e.dump(leader);
  EXPECT_TRUE(e.dump(4 - leader).contains(fmt::format("\nState: following server {} in epoch 1, broadcast\n", leader)))
      << e.dump(4 - leader);
}

}  // namespace
}  // namespace quoll::admin
