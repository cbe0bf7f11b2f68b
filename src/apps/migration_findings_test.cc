// What the members say, and what follows from it for a migration.
#include "apps/migration_findings.h"

#include <gtest/gtest.h>

namespace quoll::apps {
namespace {

using Kind = MigrationFinding::Kind;

AskedMember member(int number, const std::string& mode, const std::string& version = "3.9.5") {
  return {.name = "server " + std::to_string(number),
          .srvr = "Zookeeper version: " + version + "-1, built on 2026-01-01\nLatency: 0\nMode: " + mode + "\n",
          .mntr = "zk_version\t1\nzk_synced_followers\t2\n"};
}

std::vector<AskedMember> three() {
  return {member(1, "follower"), member(2, "leader"), member(3, "follower")};
}

std::string found(const std::vector<AskedMember>& members, Kind kind) {
  std::string text;
  for (const MigrationFinding& finding : judge_members(members, 3)) {
    if (finding.kind == kind) text += finding.text + "\n";
  }
  return text;
}

TEST(MigrationFindings, an_ensemble_that_is_complete_has_no_obstacle) {
  EXPECT_EQ(found(three(), Kind::obstacle), "");
  EXPECT_EQ(found(three(), Kind::doubt), "");
  EXPECT_TRUE(found(three(), Kind::good).contains("server 2 serves as leader\nserver 3 serves as follower\n"));
  EXPECT_TRUE(found(three(), Kind::good).ends_with("All 3 voters have all data\n"));
}

TEST(MigrationFindings, a_server_that_does_not_answer_is_an_obstacle) {
  auto members = three();
  members[2].srvr = std::unexpected("Connection refused");
  EXPECT_TRUE(found(members, Kind::obstacle).contains("server 3 does not answer: Connection refused"));
}

TEST(MigrationFindings, a_server_without_a_leader_is_an_obstacle) {
  auto members = three();
  members[0].srvr = "This ZooKeeper instance is not currently serving requests\n";
  EXPECT_TRUE(found(members, Kind::obstacle).contains("server 1 has no leader"));
}

TEST(MigrationFindings, a_word_that_is_refused_leaves_a_doubt) {
  auto members = three();
  members[0].srvr = "srvr is not executed because it is not in the whitelist.\n";
  EXPECT_EQ(found(members, Kind::obstacle), "");
  EXPECT_TRUE(found(members, Kind::doubt).contains("server 1 refuses the word srvr"));
  members = three();
  members[1].mntr = "mntr is not executed because it is not in the whitelist.\n";
  EXPECT_TRUE(found(members, Kind::doubt).contains("server 2 leads and does not say who follows it"));
}

TEST(MigrationFindings, old_versions_are_an_obstacle_and_others_a_doubt) {
  auto members = three();
  members[0] = member(1, "follower", "3.4.14");
  EXPECT_TRUE(found(members, Kind::obstacle).contains("server 1 is version 3.4: update"));
  members[0] = member(1, "follower", "3.8.4");
  EXPECT_EQ(found(members, Kind::obstacle), "");
  EXPECT_TRUE(found(members, Kind::doubt).contains("server 1 is version 3.8"));
}

TEST(MigrationFindings, a_voter_that_is_not_synced_is_an_obstacle) {
  auto members = three();
  members[1].mntr = "zk_synced_followers\t1\n";
  EXPECT_TRUE(found(members, Kind::obstacle).contains("1 of 2 other voters have all data"));
}

TEST(MigrationFindings, observers_are_not_counted_as_voters) {
  auto members = three();
  members.push_back(member(4, "observer"));
  EXPECT_EQ(found(members, Kind::obstacle), "");
}

TEST(MigrationFindings, there_must_be_exactly_one_leader) {
  auto members = three();
  members[0] = member(1, "leader");
  EXPECT_TRUE(found(members, Kind::obstacle).contains("More than one server leads"));
  members = {member(1, "follower"), member(2, "follower"), member(3, "follower")};
  EXPECT_TRUE(found(members, Kind::obstacle).contains("No server leads"));
  members = {member(1, "standalone")};
  EXPECT_TRUE(found(members, Kind::obstacle).contains("server 1 runs alone"));
}

}  // namespace
}  // namespace quoll::apps
