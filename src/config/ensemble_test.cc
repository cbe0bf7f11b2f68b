// What Apache's standalone server takes from server lines, dataDir/myid and the dynamic file, and what it refuses.
#include <gtest/gtest.h>
#include <map>

#include "config/myid.h"
#include "config/test_support.h"

namespace quoll::config {
namespace {

using testing::basics;
using testing::notices;
using testing::problems;

LoadResult loaded_with(std::string_view text, const std::map<std::string, std::string>& on_disk = {}) {
  const Files files{[&](const std::string& path) -> std::expected<std::optional<std::string>, std::string> {
    const auto found = on_disk.find(path);
    return found == on_disk.end() ? std::nullopt : std::optional(found->second);
  }};
  return load(text, "zoo.cfg", {}, {}, files);
}

TEST(MyId, is_a_whole_number_alone_in_the_first_line) {
  for (const auto* good : {"1", "1\n", "1\r\n", "+1\nmore", "0001"}) EXPECT_EQ(parse_myid(good), 1) << good;
  EXPECT_EQ(parse_myid("-3\n"), -3);
  EXPECT_EQ(parse_myid("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const auto* bad : {"", "\n", "\n1", " 1", "1 ", "1 # me", "one", "0x1",
                          "\xef\xbb\xbf"
                          "1",
                          "9223372036854775808"})
    EXPECT_FALSE(parse_myid(bad)) << bad;
  EXPECT_TRUE(parse_myid("1 ").error().contains("contains '1 ', with a blank next to the number"));
  EXPECT_TRUE(parse_myid("").error().contains("contains nothing"));
}

TEST(MyId, is_read_at_every_start_and_refused_if_it_is_not_a_number) {
  EXPECT_EQ(problems(loaded_with(basics(), {{"/data/myid", "1\n"}})), "");
  EXPECT_TRUE(
      problems(loaded_with(basics(), {{"/data/myid", "zk1\n"}})).starts_with("/data/myid must contain this server's"));
  EXPECT_EQ(problems(loaded_with(basics("dataLogDir=/log\n"), {{"/log/myid", "zk1"}, {"/data/version-2/myid", "x"}})),
            "")
      << "nowhere else";
}

TEST(MyId, that_cannot_be_read_is_a_problem) {
  const Files files{[](const std::string&) -> std::expected<std::optional<std::string>, std::string> {
    return std::unexpected("cannot open /data/myid: Permission denied");
  }};
  EXPECT_EQ(problems(load(basics(), "zoo.cfg", {}, {}, files)),
            "/data/myid cannot open /data/myid: Permission denied\n");
}

// The client port of a single server line, with and without clientPort, with and without this server's id.
TEST(OneServerLine, sets_the_client_port_if_myid_names_it) {
  const std::string line = "server.1=a:2888:3888;10.0.0.1:2191\n";
  const std::map<std::string, std::string> own{{"/data/myid", "1\n"}};
  const std::map<std::string, std::string> other{{"/data/myid", "2\n"}};
  EXPECT_EQ(loaded_with("dataDir=/data\n" + line, own)->settings.network.client, (Listen{"10.0.0.1", 2191}));
  EXPECT_EQ(loaded_with("dataDir=/data\n" + line, other)->settings.network.client, (Listen{"10.0.0.1", 2191}))
      << "a server without a port would serve nobody";
  EXPECT_EQ(loaded_with("dataDir=/data\nclientPort=2191\n" + line, own)->settings.network.client,
            (Listen{"10.0.0.1", 2191}));
  EXPECT_EQ(loaded_with(basics(line), other)->settings.network.client, (Listen{"", 2181}));
  EXPECT_EQ(loaded_with(basics(line), {{"/data/myid", "-1\n"}})->settings.network.client, (Listen{"", 2181}));
  EXPECT_EQ(problems(loaded_with(basics(line), own)),
            "zoo.cfg:4: server.1 is this server's, by dataDir/myid, and offers clients 10.0.0.1:2191, but "
            "clientPort says 0.0.0.0:2181; make both equal, or remove one of them\n");
}

TEST(OneServerLine, with_another_client_port_causes_a_warning_and_clientPort_counts) {
  const auto result = loaded_with(basics("server.1=a:2888:3888;2191\n"));
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(result->settings.network.client, (Listen{"", 2181}));
  EXPECT_TRUE(notices(result).contains(
      "zoo.cfg:4: server.1 gives the client port 2191, which does not count, as in Apache's server, because "
      "dataDir/myid does not name this server; clients are served on clientPort 2181\n"))
      << notices(result);
}

TEST(OneServerLine, must_agree_with_clientPortAddress_when_it_is_its_own) {
  const std::map<std::string, std::string> own{{"/data/myid", "1\n"}};
  const auto client = [&](std::string_view address, std::string_view line) {
    return loaded_with(basics(fmt::format("clientPortAddress={}\nserver.1=a:1:2;{}\n", address, line)), own);
  };
  EXPECT_EQ(client("10.0.0.1", "10.0.0.1:2181")->settings.network.client, (Listen{"10.0.0.1", 2181}));
  EXPECT_EQ(client("0.0.0.0", "10.0.0.1:2181")->settings.network.client, (Listen{"10.0.0.1", 2181}));
  EXPECT_NE(problems(client("10.0.0.1", "10.0.0.2:2181")), "");
  EXPECT_NE(problems(client("10.0.0.1", "2181")), "") << "0.0.0.0 is another address";
  EXPECT_EQ(problems(client("10.0.0.1", "zk1:2181")), "") << "the name may lead there";
}

TEST(DynamicFile, with_one_server_is_served) {
  const auto result = loaded_with(basics("dynamicConfigFile=/z.dyn\nreconfigEnabled=true\n"),
                                  {{"/z.dyn", "server.1=a:2888:3888:participant;2181\n"}, {"/data/myid", "1\n"}});
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(result->settings.ensemble.servers.size(), 1U);
  EXPECT_EQ(result->settings.network.client, (Listen{"", 2181}));
}

TEST(DynamicFile, is_refused_where_apache_refuses_it) {
  EXPECT_EQ(problems(loaded_with(basics("dynamicConfigFile=/z.dyn\n"))),
            "zoo.cfg:4: dynamicConfigFile names /z.dyn, where there is no file\n");
  EXPECT_EQ(problems(loaded_with(basics("dynamicConfigFile=/z.dyn\nserver.1=a:1:2\n"), {{"/z.dyn", ""}})),
            "zoo.cfg:5: server.1 must be in /z.dyn, the file named by dynamicConfigFile, and nowhere else\n");
  EXPECT_EQ(problems(loaded_with(basics("dynamicConfigFile=/z.dyn\n"), {{"/z.dyn", "version=1\ntickTime=5\n"}})),
            "/z.dyn:1: version must not be in this file: the version is the suffix of the file's name\n"
            "/z.dyn:2: tickTime must not be in this file, which contains only server, group and weight lines\n");
  EXPECT_NE(
      problems(loaded_with(basics("dynamicConfigFile=/z.dyn\n"), {{"/z.dyn", "server.1=a:1:2\nserver.2=b:1:2\n"}})), "")
      << "an ensemble";
}

TEST(EnsembleOfOne, is_served_with_everything_that_apache_requires) {
  const std::string ensemble = "standaloneEnabled=false\ninitLimit=10\nsyncLimit=5\nserver.1=a:2888:3888\n";
  const auto result = loaded_with(basics(ensemble), {{"/data/myid", "1"}});
  ASSERT_TRUE(result) << problems(result);
  EXPECT_TRUE(notices(result).contains("zoo.cfg:4: standaloneEnabled is false, which has no effect"));
  EXPECT_NE(problems(loaded_with(basics(ensemble))), "") << "no myid";
  EXPECT_NE(problems(loaded_with(basics(ensemble), {{"/data/myid", "2"}})), "") << "not in the list";
  EXPECT_NE(problems(loaded_with(basics("standaloneEnabled=false\n"))), "") << "no list";
  EXPECT_EQ(problems(loaded_with(basics("standaloneEnabled=false\nserver.1=a:2888:3888\nsyncLimit=0\n"),
                                 {{"/data/myid", "1"}})),
            "zoo.cfg:4: standaloneEnabled is false, for which initLimit must be set\n"
            "zoo.cfg:4: standaloneEnabled is false, for which syncLimit must be set\n");
}

TEST(Groups, have_no_effect_but_must_be_well_formed) {
  EXPECT_EQ(problems(loaded_with(basics("group.1=1:2:3\nweight.1=1\n"))), "");
  EXPECT_EQ(problems(loaded_with(basics("group.1=1\nserver.1=a:1:2\n"))), "");
  EXPECT_EQ(problems(loaded_with(basics("group.1=1:x\ngroup.2=1\nweight.y=\n"))),
            "zoo.cfg:4: group.1 must contain server ids, separated by colons\n"
            "zoo.cfg:5: group.2 contains server 1, which is already in a group\n"
            "zoo.cfg:6: weight.y must have a number after the dot\n"
            "zoo.cfg:6: weight.y must contain a number\n");
  EXPECT_EQ(problems(loaded_with(basics("group.1=2\nserver.1=a:1:2\n"))),
            "zoo.cfg:5: server.1 is in none of the groups\n");
}

TEST(QuorumAuth, switches_depend_on_each_other_as_in_apache) {
  EXPECT_EQ(problems(loaded_with(basics("quorum.auth.enableSasl=true\nquorum.auth.learnerRequireSasl=true\n"
                                        "quorum.auth.serverRequireSasl=true\n"))),
            "");
  EXPECT_NE(problems(loaded_with(basics("quorum.auth.learnerRequireSasl=true\n"))), "");
  EXPECT_NE(problems(loaded_with(basics("quorum.auth.enableSasl=true\nquorum.auth.serverRequireSasl=true\n"))), "");
}

}  // namespace
}  // namespace quoll::config
