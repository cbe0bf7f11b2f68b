// What the servers of an ensemble say, and what follows from it.
#include "apps/ensemble_report.h"

#include <gtest/gtest.h>

namespace quoll::apps {
namespace {

AskedServer server(int number, const std::string& mode, const std::string& zxid = "0x100000005",
                   const std::string& more = "") {
  return {.name = "zk" + std::to_string(number) + ":2181",
          .srvr =
              "Zookeeper version: 3.9.5-quoll-0.1.0, built on 2026-01-01\nLatency min/avg/max: 0/0.0/0\n"
              "Connections: 7\nOutstanding: 0\nZxid: " +
              zxid + "\nMode: " + mode + "\nNode count: 9\n",
          .mntr = "zk_version\t1\nzk_synced_followers\t2\nzk_quorum_size\t3\n" + more,
          .metrics =
              "quoll_disk_free_bytes{holds=\"log\"} 7.516192768E9\nquoll_disk_free_bytes{holds=\"snapshots\"} 8.0E9\n"};
}

std::vector<AskedServer> three() {
  return {server(1, "follower"), server(2, "leader"), server(3, "follower")};
}

// "server what" of each finding.
std::string found(const std::vector<AskedServer>& servers) {
  std::string text;
  for (const StatusFinding& finding : report_on(servers).findings) text += finding.server + " " + finding.what + "\n";
  return text;
}

TEST(EnsembleReport, a_healthy_ensemble_has_numbers_and_no_findings) {
  auto servers = three();
  servers[0] = server(1, "follower", "0x100000002");
  EXPECT_EQ(found(servers), "");
  const EnsembleReport report = report_on(servers);
  EXPECT_TRUE(report.is_served);
  EXPECT_EQ(report.servers[0].lag, 3);
  EXPECT_EQ(report.servers[1].lag, 0);
  EXPECT_EQ(report.servers[0].connections, 7);
  EXPECT_EQ(report.servers[0].znodes, 9);
  EXPECT_EQ(report.servers[0].disk_free_bytes, 7516192768);
  EXPECT_EQ(report.servers[0].version, "quoll 0.1.0");
}

TEST(EnsembleReport, apaches_version_is_shown_without_its_commit) {
  auto servers = three();
  servers[0].srvr = "Zookeeper version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on x\nMode: follower\n";
  EXPECT_EQ(report_on(servers).servers[0].version, "3.8.4");
  EXPECT_EQ(found(servers), " The servers have 2 versions\n");
}

TEST(EnsembleReport, a_server_that_is_down_and_a_leader_without_it_are_named) {
  auto servers = three();
  servers[2].srvr = servers[2].mntr = std::unexpected("connection refused");
  servers[1] = server(2, "leader");
  servers[1].mntr = "zk_synced_followers\t1\nzk_quorum_size\t3\n";
  EXPECT_EQ(found(servers),
            "zk2:2181 leads 2 of 3 voters that have all data\nzk3:2181 does not answer: connection refused\n");
  EXPECT_TRUE(report_on(servers).is_served);
  EXPECT_EQ(report_on(servers).servers[2].role, "down");
}

TEST(EnsembleReport, without_a_majority_nobody_serves) {
  auto servers = three();
  servers[0].srvr = servers[0].mntr = "This ZooKeeper instance is not currently serving requests\n";
  servers[1].srvr = servers[1].mntr = std::unexpected("connection refused");
  servers[2] = servers[0];
  EXPECT_FALSE(report_on(servers).is_served);
  EXPECT_TRUE(found(servers).starts_with(" None of these servers serves\nzk1:2181 runs, but does not serve\n"));
}

TEST(EnsembleReport, servers_that_do_not_belong_together_are_found) {
  EXPECT_EQ(found({server(1, "standalone"), server(2, "standalone")}),
            " 2 of these servers run alone, each with data of its own\n");
  EXPECT_EQ(found({server(1, "standalone")}), "");
  EXPECT_EQ(found({server(1, "leader"), server(2, "leader")}), " More than one of these servers leads\n");
  EXPECT_EQ(found({server(1, "follower")}), " None of these servers leads\n");
}

TEST(EnsembleReport, numbers_out_of_bounds_are_said) {
  auto servers = three();
  servers[0] =
      server(1, "follower", "0x100000005",
             "zk_open_file_descriptor_count\t90\nzk_max_file_descriptor_count\t100\nzk_digest_mismatches_count\t2\n");
  servers[1] = server(2, "leader", "0x100010005", "zk_quoll_disk_full\t1\n");
  servers[2].metrics = "quoll_disk_free_bytes{holds=\"log\"} 1048576.0\n";
  EXPECT_EQ(found(servers),
            "zk1:2181 is 65536 transactions behind\nzk1:2181 has 90 of at most 100 files and connections open\n"
            "zk1:2181 has found 2 times that its state is not the leader's\n"
            "zk2:2181 refuses writes, because its disk is full\n"
            "zk3:2181 is 65536 transactions behind\nzk3:2181 has 1 MiB left on its disk\n");
}

TEST(EnsembleReport, refused_words_are_explained_and_nonsense_is_survived) {
  auto servers = three();
  servers[0].mntr = "mntr is not executed because it is not in the whitelist.\n";
  EXPECT_EQ(found(servers), "zk1:2181 does not tell how it is (mntr)\n");
  servers[0].srvr = "srvr is not executed because it is not in the whitelist.\n";
  EXPECT_EQ(found(servers), "zk1:2181 does not tell its state\n");
  servers[0].srvr = "HTTP/1.1 400 Bad Request\nZxid: 0xzz\nZxid: 0xffffffffffffffffffffffff\n";
  EXPECT_EQ(found(servers), "zk1:2181 answers, but not as a ZooKeeper server\n");
}

}  // namespace
}  // namespace quoll::apps
