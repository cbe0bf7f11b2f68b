#include "config/membership_text.h"

#include <gtest/gtest.h>

#include "config/test_support.h"

namespace quoll::config {
namespace {

std::string text_of(std::string_view lines) {
  const auto result =
      testing::loaded(testing::basics("standaloneEnabled=false\ninitLimit=5\nsyncLimit=2\n") + std::string(lines));
  return result ? result->settings.ensemble.text : result.error().partial.settings.ensemble.text;
}

TEST(MembershipText, has_roles_client_ports_and_the_version) {
  EXPECT_EQ(text_of("server.2=zk2:2888:3888;2181\nserver.1=zk1:2888:3888;10.0.0.1:2181\n"
                    "server.10=zk10:2888:3888:Observer\nversion=1000A\n"),
            "server.1=zk1:2888:3888:participant;10.0.0.1:2181\n"
            "server.2=zk2:2888:3888:participant;0.0.0.0:2181\n"
            "server.10=zk10:2888:3888:observer\n"
            "version=1000a");
}

TEST(MembershipText, has_groups_and_the_weight_of_every_voter) {
  EXPECT_EQ(text_of("server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2:observer\ngroup.7=2:1\nweight.1=3\n"),
            "server.1=a:1:2:participant\nserver.2=b:1:2:participant\nserver.3=c:1:2:observer\n"
            "group.7=1:2\nweight.1=3\nweight.2=1\nversion=0");
}

TEST(MembershipText, orders_servers_as_a_java_hash_map_does) {
  EXPECT_EQ(text_of("server.17=b:1:2\nserver.2=a:1:2\nserver.35=c:1:2\n"),
            "server.17=b:1:2:participant\nserver.2=a:1:2:participant\nserver.35=c:1:2:participant\nversion=0");
}

TEST(MembershipText, sorts_the_addresses_of_a_server_by_host) {
  EXPECT_EQ(text_of("multiAddress.enabled=true\nserver.1=b:1:2|a:3:4;5\n"),
            "server.1=a:3:4|b:1:2:participant;0.0.0.0:5\nversion=0");
}

TEST(MembershipText, writes_addresses_as_java_does) {
  EXPECT_EQ(java_host("zk1.example.org"), "zk1.example.org");
  EXPECT_EQ(java_host(""), "localhost");
  EXPECT_EQ(java_host("127.000.0.1"), "127.0.0.1");
  EXPECT_EQ(java_host("127.1"), "127.0.0.1");
  EXPECT_EQ(java_host("256.1.1.1"), "256.1.1.1") << "a name";
  EXPECT_EQ(java_host("::1"), "0:0:0:0:0:0:0:1");
  EXPECT_EQ(java_host("FE80::00a2:1"), "fe80:0:0:0:0:0:a2:1");
  EXPECT_EQ(java_host("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(java_host("1:2:3:4:5:6:7::8"), "1:2:3:4:5:6:7::8") << "no address";
  EXPECT_EQ(text_of("server.1=[::1]:1:2;[::]:3\n"),
            "server.1=[0:0:0:0:0:0:0:1]:1:2:participant;[0:0:0:0:0:0:0:0]:3\nversion=0");
}

}  // namespace
}  // namespace quoll::config
