#include "config/server_line.h"

#include <gtest/gtest.h>

namespace quoll::config {
namespace {

TEST(ServerLine, names_host_and_both_ports) {
  const auto line = parse_server_line("zk1:2888:3888");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->addresses, (std::vector<PeerAddress>{{"zk1", 2888, 3888}}));
  EXPECT_EQ(line->role, PeerRole::participant);
  EXPECT_FALSE(line->client);
  EXPECT_EQ(line->text, "zk1:2888:3888");
}

TEST(ServerLine, role_and_client_port_may_follow) {
  const auto line = parse_server_line("zk1:2888:3888:Observer;2181");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->role, PeerRole::observer);
  EXPECT_EQ(line->client, (PeerClientPort{"0.0.0.0", 2181}));
  EXPECT_EQ(parse_server_line("zk1:1:2:participant;10.0.0.1:2181")->client, (PeerClientPort{"10.0.0.1", 2181}));
}

TEST(ServerLine, ipv6_addresses_stand_in_brackets) {
  const auto line = parse_server_line("[::1]:2888:3888;[fe80::2]:2181");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->addresses[0].host, "::1");
  EXPECT_EQ(line->client, (PeerClientPort{"fe80::2", 2181}));
}

TEST(ServerLine, several_addresses_stand_between_bars) {
  const auto line = parse_server_line("a:1:2|b:3:4:observer");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->addresses.size(), 2U);
  EXPECT_EQ(line->role, PeerRole::observer);
  EXPECT_FALSE(parse_server_line("a:1:2:participant|b:3:4:observer"));
}

TEST(ServerLine, other_forms_are_refused) {
  for (const auto* bad :
       {"", "zk1", "zk1:2888", "zk1:2888:3888:participant:x", "zk1:a:3888", "zk1:2888:70000", "zk1:2888:2888",
        "zk1:2888:3888:voter", "zk1:2888:3888;x", "zk1:2888:3888;2181;2281", "zk1:2888:3888;a:b:1"}) {
    EXPECT_FALSE(parse_server_line(bad)) << bad;
  }
}

}  // namespace
}  // namespace quoll::config
