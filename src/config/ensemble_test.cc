// What Apache's server takes from server lines, dataDir/myid and the dynamic file, and what it refuses, alone and in an
// ensemble.
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
                          ("\xef\xbb\xbf"
                           "1"),
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
}

TEST(EnsembleOfOne, is_served_with_everything_that_apache_requires) {
  const std::string ensemble = "standaloneEnabled=false\ninitLimit=10\nsyncLimit=5\nserver.1=a:2888:3888\n";
  const auto result = loaded_with(basics(ensemble), {{"/data/myid", "1"}});
  ASSERT_TRUE(result) << problems(result);
  EXPECT_FALSE(result->settings.ensemble.runs_alone());
  EXPECT_EQ(result->settings.ensemble.self, 1);
  EXPECT_NE(problems(loaded_with(basics(ensemble))), "") << "no myid";
  EXPECT_NE(problems(loaded_with(basics(ensemble), {{"/data/myid", "2"}})), "") << "not in the list";
  EXPECT_NE(problems(loaded_with(basics("standaloneEnabled=false\n"))), "") << "no list";
  EXPECT_EQ(problems(loaded_with(basics("standaloneEnabled=false\nserver.1=a:2888:3888\nsyncLimit=0\n"),
                                 {{"/data/myid", "1"}})),
            "zoo.cfg:6: syncLimit must be set to a number of ticks in an ensemble, for example syncLimit=5\n"
            "initLimit must be set to a number of ticks in an ensemble, for example initLimit=10\n");
}

const std::string kThree =
    "initLimit=10\nsyncLimit=5\nserver.1=a:2888:3888\nserver.2=b:2888:3888;2182\nserver.3=c:2888:3888\n";
const std::map<std::string, std::string> kSecond{{"/data/myid", "2\n"}};

TEST(ThreeServers, are_an_ensemble_of_which_myid_names_this_server) {
  const auto result = loaded_with("dataDir=/data\n" + kThree, kSecond);
  ASSERT_TRUE(result) << problems(result);
  const Ensemble& ensemble = result->settings.ensemble;
  EXPECT_EQ(notices(result, Weight::warning), "");
  EXPECT_FALSE(ensemble.runs_alone());
  EXPECT_EQ(ensemble.self, 2);
  EXPECT_EQ(ensemble.servers.size(), 3U);
  EXPECT_EQ(ensemble.init_ticks, 10);
  EXPECT_EQ(ensemble.sync_ticks, 5);
  EXPECT_EQ(result->settings.network.client, (Listen{"", 2182})) << "as its line says";
  EXPECT_EQ(ensemble.text,
            "server.1=a:2888:3888:participant\nserver.2=b:2888:3888:participant;0.0.0.0:2182\n"
            "server.3=c:2888:3888:participant\nversion=0");
}

TEST(ThreeServers, need_myid_and_both_limits) {
  EXPECT_EQ(problems(loaded_with(basics(kThree))),
            "/data/myid is missing; it must contain the number of this server's line (1, 2, 3)\n");
  EXPECT_EQ(
      problems(loaded_with(basics(kThree), {{"/data/myid", "4"}})),
      "/data/myid contains 4, but there is no line server.4; it must contain the number of this server's line (1, "
      "2, 3)\n");
  EXPECT_TRUE(problems(loaded_with(basics(kThree), {{"/data/myid", "two"}})).starts_with("/data/myid must contain"));
  EXPECT_EQ(problems(loaded_with(basics("server.1=a:1:2\nserver.2=b:1:2\nsyncLimit=-1\n"), {{"/data/myid", "1"}})),
            "zoo.cfg:6: syncLimit must be set to a number of ticks in an ensemble, for example syncLimit=5\n"
            "initLimit must be set to a number of ticks in an ensemble, for example initLimit=10\n");
}

TEST(ThreeServers, must_agree_with_clientPort_about_this_servers_port) {
  EXPECT_EQ(problems(loaded_with(basics(kThree), {{"/data/myid", "1"}})), "") << "another's line counts for that one";
  EXPECT_EQ(
      problems(loaded_with(basics(kThree), kSecond)),
      "zoo.cfg:7: server.2 is this server's, by dataDir/myid, and offers clients 0.0.0.0:2182, but clientPort says "
      "0.0.0.0:2181; make both equal, or remove one of them\n");
}

std::string warnings(std::string_view lines) {
  return notices(loaded_with(basics("initLimit=10\nsyncLimit=5\n" + std::string(lines)), {{"/data/myid", "1"}}),
                 Weight::warning);
}

TEST(Voters, of_a_number_that_helps_nobody_cause_a_warning) {
  EXPECT_EQ(warnings("server.1=a:1:2\nserver.2=b:1:2\n"),
            "zoo.cfg:6: server.1 is one of two servers that vote: the ensemble stops when either stops. At least 3 "
            "servers are needed for an ensemble that serves while one of them is down\n");
  EXPECT_EQ(warnings("server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\nserver.4=d:1:2\n"),
            "zoo.cfg:6: server.1 is one of 4 servers that vote. Consider an odd number: 3 tolerate as many failures\n");
  EXPECT_EQ(warnings("server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\nserver.4=d:1:2:observer\n"), "");
}

TEST(Observers, need_two_voters_or_an_ensemble_of_one) {
  const std::string one = "initLimit=10\nsyncLimit=5\nserver.1=a:1:2\nserver.2=b:1:2:observer\n";
  EXPECT_EQ(problems(loaded_with(basics(one), kSecond)),
            "zoo.cfg:7: server.2 is an observer, but there is only one server that votes\n");
  EXPECT_EQ(problems(loaded_with(basics(one + "standaloneEnabled=false\n"), kSecond)), "");
  EXPECT_EQ(problems(loaded_with(basics("server.1=a:1:2:observer\nserver.2=b:1:2:observer\n"), kSecond)),
            "zoo.cfg:4: server.1 is an observer, but there is no other server that votes\n"
            "zoo.cfg:5: server.2 is an observer, but there is no other server that votes\n");
  EXPECT_EQ(problems(loaded_with(basics("standaloneEnabled=false\nserver.2=b:1:2:observer\n"), kSecond)),
            "zoo.cfg:4: standaloneEnabled is false, but no server line has a server that votes; leave it true for a "
            "standalone server\n");
}

TEST(PeerType, that_differs_from_the_server_line_does_not_count) {
  EXPECT_EQ(warnings("server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\npeerType=observer\n"),
            "zoo.cfg:9: peerType differs from server.1, this server's line, which counts: it is a participant\n");
  EXPECT_EQ(warnings("server.1=a:1:2:observer\nserver.2=b:1:2\nserver.3=c:1:2\nserver.4=d:1:2\npeerType=observer\n"),
            "");
}

TEST(ServerNumbers, are_0_to_255) {
  EXPECT_TRUE(
      warnings("server.1=a:1:2\nserver.2=b:1:2\nserver.300=c:1:2\n").starts_with("zoo.cfg:8: server.300 should"));
  EXPECT_EQ(problems(loaded_with(basics(kThree + "server.-4=d:1:2\n"), {{"/data/myid", "1"}})),
            "zoo.cfg:9: server.-4 must not have a negative number\n");
}

TEST(Groups, of_an_ensemble_hold_its_voters_and_no_others) {
  const std::map<std::string, std::string> first{{"/data/myid", "1"}};
  const auto result = loaded_with(basics(kThree + "group.1=1:2\ngroup.2=3\nweight.3=5\n"), first);
  ASSERT_TRUE(result) << problems(result);
  EXPECT_TRUE(result->settings.ensemble.has_groups);
  EXPECT_EQ(result->settings.ensemble.group_of, (std::map<std::int64_t, std::int64_t>{{1, 1}, {2, 1}, {3, 2}}));
  EXPECT_EQ(result->settings.ensemble.weight_of, (std::map<std::int64_t, std::int64_t>{{3, 5}}));
  EXPECT_EQ(problems(loaded_with(basics(kThree + "group.1=1:2:9\nweight.2=-1\n"), first)),
            "zoo.cfg:8: server.3 is in none of the groups\n"
            "zoo.cfg:9: group.1 contains server 9, which is not one of the voting servers; take it out\n"
            "zoo.cfg:10: weight.2 is negative, but must be 0 or more\n");
  EXPECT_EQ(problems(loaded_with(basics(kThree + "group.1=1:2:3\nweight.1=0\nweight.2=0\nweight.3=0\n"), first)),
            "zoo.cfg:9: group.1 and all others have no weight: nobody can vote\n");
}

TEST(DynamicFile, has_the_version_in_its_name) {
  const auto version = [](const std::string& path) {
    const auto result = loaded_with(basics("initLimit=10\nsyncLimit=5\ndynamicConfigFile=" + path + "\n"),
                                    {{path, "server.1=a:1:2\nserver.2=b:1:2\n"}, {"/data/myid", "1"}});
    EXPECT_TRUE(result) << problems(result);
    return result ? result->settings.ensemble.version : -1;
  };
  EXPECT_EQ(version("/zoo.cfg.dynamic.1000000ab"), 0x1000000ab);
  EXPECT_EQ(version("/zoo.cfg.dynamic"), 0);
}

TEST(SessionPasswords, of_an_ensemble_are_apaches) {
  EXPECT_TRUE(problems(loaded_with(basics(kThree + "quoll.sessionPasswords=random\n"), {{"/data/myid", "1"}}))
                  .starts_with("zoo.cfg:9: quoll.sessionPasswords is random, which an ensemble does not offer"));
}

TEST(QuorumSecurity, tls_between_servers_needs_its_stores) {
  const std::string stores = "ssl.quorum.keyStore.location=/k.p12\nssl.quorum.trustStore.location=/t.p12\n";
  const auto read = [&](const std::string& lines) {
    return loaded_with(basics(kThree + lines), {{"/data/myid", "1"}});
  };
  for (const std::string key : {"sslQuorum", "portUnification"}) {
    EXPECT_EQ(problems(read(key + "=true\n")),
              fmt::format("zoo.cfg:9: {0} needs ssl.quorum.keyStore.location, the key and certificate of this server\n"
                          "zoo.cfg:9: {0} needs ssl.quorum.trustStore.location, by which the certificates of other "
                          "servers are checked\n",
                          key));
    const auto result = read(key + "=true\n" + stores);
    ASSERT_TRUE(result) << problems(result);
    const Ensemble& ensemble = result->settings.ensemble;
    EXPECT_TRUE(ensemble.accepts_tls);
    EXPECT_EQ(ensemble.accepts_plain, key == "portUnification");
    EXPECT_EQ(ensemble.connects_with_tls, key == "sslQuorum");
    EXPECT_TRUE(ensemble.tls.client_hostname_verification) << "as Apache's servers do";
  }
  EXPECT_FALSE(read(stores)->settings.ensemble.accepts_tls);
  EXPECT_EQ(problems(read("ssl.quorum.clientAuth=maybe\n")), "") << "nobody connects with TLS";
  EXPECT_NE(problems(read("sslQuorum=true\nssl.quorum.clientAuth=maybe\n" + stores)), "");
}

TEST(Keys, that_count_in_an_ensemble_only_are_told_apart) {
  const std::string lines = "leaderServes=no\nobserverMasterPort=2191\ntcpKeepAlive=true\n";
  EXPECT_EQ(notices(loaded_with(basics(lines))),
            "zoo.cfg:4: leaderServes has no effect: it concerns ensembles only, and this server runs alone\n"
            "zoo.cfg:5: observerMasterPort has no effect: it concerns ensembles only, and this server runs alone\n"
            "zoo.cfg:6: tcpKeepAlive has no effect: it concerns ensembles only, and this server runs alone\n");
  const auto result = loaded_with(basics(kThree + lines), {{"/data/myid", "1"}});
  EXPECT_EQ(notices(result),
            "zoo.cfg:10: observerMasterPort is not offered. Observers connect to the leader\n"
            "zoo.cfg:11: tcpKeepAlive has no effect: it is always on\n");
  EXPECT_FALSE(result->settings.ensemble.leader_serves);
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

TEST(QuorumAuth, of_a_member_is_read_with_the_names_of_its_sections) {
  const auto auth = [](const std::string& lines) {
    const auto result = loaded_with(basics(kThree + lines), {{"/data/myid", "1"}});
    EXPECT_TRUE(result) << problems(result);
    EXPECT_EQ(notices(result, Weight::warning), "");
    return result ? result->settings.ensemble.auth : QuorumAuth{};
  };
  EXPECT_EQ(auth("quorum.auth.enableSasl=false\n"), QuorumAuth{});
  EXPECT_EQ(auth("quorum.auth.enableSasl=true\n"), (QuorumAuth{.enabled = true}));
  EXPECT_EQ(auth("quorum.auth.enableSasl=true\nquorum.auth.learnerRequireSasl=true\n"
                 "quorum.auth.serverRequireSasl=TRUE\nquorum.auth.learner.saslLoginContext=L\n"
                 "quorum.auth.server.saslLoginContext=S\nquorum.cnxn.threads.size=20\n"),
            (QuorumAuth{true, true, true, "L", "S"}));
}

}  // namespace
}  // namespace quoll::config
