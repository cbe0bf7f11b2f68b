// Loading a configuration: defaults, precedence, and errors with their places.
#include "config/load.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "config/keys.h"
#include "config/test_support.h"

namespace quoll::config {
namespace {

using testing::basics;
using testing::loaded;
using testing::notices;
using testing::problems;

TEST(Load, a_minimal_file_gives_the_defaults_without_notices) {
  const auto result = loaded(basics());
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(notices(result), "");
  Settings expected;
  expected.storage.data_dir = expected.storage.data_log_dir = "/data";
  expected.network.client = Listen{"", 2181};
  expected.admin.enabled = false;
  EXPECT_EQ(result->settings, expected);
}

TEST(Load, data_dir_must_be_set) {
  EXPECT_EQ(problems(loaded("clientPort=2181\n")), "dataDir is not set: name the folder that holds the data\n");
  EXPECT_EQ(problems(loaded("dataDir=\nclientPort=1\n")),
            "zoo.cfg:1: dataDir is not set: name the folder that holds the data\n");
}

TEST(Load, a_refusal_includes_the_notices_that_explain_it) {
  const auto result = loaded("datadir=/d\nclientPort=2181\nadmin.enableServer=false\n");
  ASSERT_FALSE(result);
  ASSERT_EQ(result.error().notices.size(), 1U);
  EXPECT_EQ(result.error().notices[0].text,
            "zoo.cfg:1: datadir is not a known key; is dataDir meant?; the line is ignored");
}

TEST(Load, every_mistake_is_reported_with_its_line) {
  const auto result =
      loaded(basics("tickTime=abc\nmaxSessionTimeout=0x10\nsnapCount=many\nreconfigEnabled=1\ntcpKeepAlive=true\n"
                    "initLimit=2 # two\nDigestAuthenticationProvider.digestAlg=MD4\nserver.x=a:1:2\n"));
  EXPECT_EQ(problems(result),
            "zoo.cfg:4: tickTime must be a whole number, not 'abc'\n"
            "zoo.cfg:5: maxSessionTimeout must be a whole number, not '0x10'\n"
            "zoo.cfg:7: reconfigEnabled must be true or false, not '1'\n"
            "zoo.cfg:9: initLimit must be a whole number, not '2 # two'; write initLimit=2 if that is meant. A comment "
            "must be on a line of its own\n"
            "zoo.cfg:10: DigestAuthenticationProvider.digestAlg must be one of SHA1 SHA-1 SHA SHA-224 SHA-256 SHA-384 "
            "SHA-512 SHA3-224 SHA3-256 SHA3-384 SHA3-512 MD5, not 'MD4'\n"
            "zoo.cfg:11: server.x must have a number after the dot\n");
}

TEST(Load, numbers_out_of_range_are_refused_where_apache_refuses_them) {
  EXPECT_EQ(problems(loaded("dataDir=/d\nclientPort=65536\n")),
            "zoo.cfg:2: clientPort is 65536, but must be from 0 to 65535\n");
  EXPECT_EQ(problems(loaded(basics("tickTime=0\n"))), "zoo.cfg:4: tickTime is 0, but must be from 1 to 107374182\n");
  EXPECT_NE(problems(loaded(basics("syncLimit=2147483648\n"))), "");
}

TEST(Load, numbers_that_apache_raises_are_raised_with_a_notice) {
  const auto result = loaded(basics("autopurge.snapRetainCount=1\nsnapCount=1\n"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->settings.purge.snapshots_kept, 3);
  EXPECT_EQ(result->settings.storage.snap_count, 2);
  EXPECT_EQ(notices(result),
            "zoo.cfg:4: autopurge.snapRetainCount is 1, which is too low; 3 is taken\n"
            "zoo.cfg:5: snapCount is 1, which is too low; 2 is taken\n");
}

TEST(Load, dos_line_ends_and_blanks_around_values_are_harmless) {
  const auto result = loaded("dataDir = /data dir \r\nclientPort : 2181\r\nadmin.enableServer false\r\n");
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(result->settings.storage.data_dir, "/data dir");
  EXPECT_EQ(result->settings.network.client->port, 2181);
}

TEST(Load, a_byte_order_mark_affects_only_its_line) {
  const auto before_comment = loaded("\xef\xbb\xbf# Ours\n" + basics());
  ASSERT_TRUE(before_comment) << problems(before_comment);
  EXPECT_TRUE(notices(before_comment).starts_with("zoo.cfg:1: begins with a byte-order mark"));
  EXPECT_EQ(loaded("\xef\xbb\xbftickTime=500\n" + basics())->settings.sessions.tick_ms, 3000);
  const auto first_key = loaded("\xef\xbb\xbf" + basics());
  EXPECT_EQ(problems(first_key), "dataDir is not set: name the folder that holds the data\n");
}

TEST(Load, a_duplicate_causes_a_warning_and_the_last_counts) {
  const auto result = loaded(basics("tickTime=1000\ntickTime=4000\n"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->settings.sessions.tick_ms, 4000);
  EXPECT_EQ(notices(result), "zoo.cfg:5: tickTime is also on line 4; this line, the last one, counts\n");
}

TEST(Load, an_unknown_key_causes_a_warning_with_the_nearest_known_one) {
  EXPECT_EQ(notices(loaded(basics("ticktime=1000\nfoo.bar.baz=1\nrequestThrottleLimit=5\n"))),
            "zoo.cfg:4: ticktime is not a known key; is tickTime meant?; the line is ignored\n"
            "zoo.cfg:5: foo.bar.baz is not a known key; the line is ignored\n"
            "zoo.cfg:6: requestThrottleLimit is not a known key; is request_throttle_max_requests meant?; the line is "
            "ignored\n");
}

TEST(Load, session_timeouts_follow_the_tick_unless_set) {
  auto result = loaded(basics("tickTime=2000\n"));
  EXPECT_EQ(result->settings.sessions, (Sessions{2000, 4000, 40000}));
  result = loaded(basics("tickTime=2000\nminSessionTimeout=1000\nmaxSessionTimeout=90000\n"));
  EXPECT_EQ(result->settings.sessions, (Sessions{2000, 1000, 90000}));
  EXPECT_EQ(
      problems(loaded(basics("tickTime=2000\nmaxSessionTimeout=3000\n"))),
      "zoo.cfg:5: maxSessionTimeout makes the shortest session timeout (4000 ms) longer than the longest (3000 ms)\n");
}

TEST(Load, addresses_need_their_ports) {
  EXPECT_EQ(problems(loaded("dataDir=/d\nclientPortAddress=10.0.0.1\nsecureClientPortAddress=::1\n")),
            "zoo.cfg:2: clientPortAddress is set, but clientPort is not\n"
            "zoo.cfg:3: secureClientPortAddress is set, but secureClientPort is not\n");
  EXPECT_EQ(loaded(basics("clientPortAddress=[::1]\n"))->settings.network.client, (Listen{"::1", 2181}));
}

TEST(Load, server_without_a_port_loads_with_a_warning) {
  EXPECT_EQ(notices(loaded("dataDir=/d\nadmin.enableServer=false\n")),
            "clientPort is not set, and neither is secureClientPort: no client can connect\n");
}

TEST(Load, ports_must_differ_where_addresses_overlap) {
  const std::string store = "secureClientPort=2181\nssl.keyStore.location=/k.p12\nssl.trustStore.location=/t.pem\n";
  EXPECT_EQ(problems(loaded(basics(store))),
            "zoo.cfg:4: secureClientPort is equal to clientPort; each needs its own port\n");
  EXPECT_EQ(problems(loaded(basics(store + "clientPortAddress=10.0.0.1\nsecureClientPortAddress=10.0.0.2\n"))), "");
}

TEST(Load, purge_interval_takes_units) {
  EXPECT_EQ(loaded(basics("autopurge.purgeInterval=1\n"))->settings.purge.interval_ms, 3'600'000);
  EXPECT_EQ(loaded(basics("autopurge.purgeInterval=90s\n"))->settings.purge.interval_ms, 90'000);
  EXPECT_EQ(loaded(basics("autopurge.purgeInterval=-1\n"))->settings.purge.interval_ms, 0);
  EXPECT_NE(problems(loaded(basics("autopurge.purgeInterval=1w\n"))), "");
}

TEST(Load, jute_maxbuffer_comes_by_flag_and_brings_extrasize_along) {
  const auto result = loaded(basics(), {{"jute.maxbuffer", "0x3fffff"}});
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(result->settings.limits.request_bytes_max, 0x3fffff);
  EXPECT_EQ(result->settings.limits.record_extra_bytes, 0x3fffff);
  EXPECT_EQ(notices(loaded(basics("jute.maxbuffer=4194304\n"))),
            "zoo.cfg:4: jute.maxbuffer is read from the command line alone, as -Djute.maxbuffer; set it in "
            "SERVER_JVMFLAGS; the line "
            "is ignored\n");
}

TEST(Load, the_file_overrides_flags_as_in_apache) {
  const auto result = loaded(basics("snapCount=500\n"), {{"zookeeper.snapCount", "900"}, {"zookeeper.maxCnxns", "7"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->settings.storage.snap_count, 500);
  EXPECT_EQ(result->settings.limits.connections_max, 7);
  EXPECT_EQ(notices(result), "zoo.cfg:4: snapCount takes precedence over -Dzookeeper.snapCount\n");
}

TEST(Load, a_later_flag_overrides_an_earlier_one) {
  EXPECT_EQ(
      loaded(basics(), {{"zookeeper.snapCount", "900"}, {"zookeeper.snapCount", "800"}})->settings.storage.snap_count,
      800);
}

TEST(Load, the_old_name_of_the_fsync_threshold_is_used_without_the_new_one) {
  EXPECT_EQ(loaded(basics(), {{"fsync.warningthresholdms", "20"}})->settings.storage.fsync_warning_ms, 20);
  EXPECT_EQ(loaded(basics(), {{"zookeeper.fsync.warningthresholdms", "30"}, {"fsync.warningthresholdms", "20"}})
                ->settings.storage.fsync_warning_ms,
            30);
}

TEST(Load, mistakes_in_flags_name_the_flag) {
  EXPECT_EQ(
      problems(loaded(basics(), {{"zookeeper.connection_throttle_drop_increase", "x"}})),
      "-Dzookeeper.connection_throttle_drop_increase: connection_throttle_drop_increase must be a number, not 'x'\n");
}

TEST(Load, other_programs_flags_are_listed_in_one_line_and_misspelt_ones_cause_warnings) {
  EXPECT_EQ(
      notices(loaded(basics(), {{"file.encoding", "UTF-8"},
                                {"log4j.configuration", "x"},
                                {"java.awt.headless", "true"},
                                {"com.sun.management.jmxremote", ""},
                                {"javax.net.ssl.keyStorePassword", "hunter2"}})),
      "-Dfile.encoding -Dlog4j.configuration -Djava.awt.headless -Djavax.net.ssl.keyStorePassword have no effect: the "
      "server has no key of this name\n"
      "-Dcom.sun.management.jmxremote has no effect: Quoll has no JMX; read its metrics by the four-letter word "
      "mntr\n");
  EXPECT_EQ(notices(loaded(basics(), {{"zookeeper.snapcount", "5"},
                                      {"jute.maxbufer", "5"},
                                      {"zookeeper.tickTime", "5"},
                                      {"zookeeper.jute.maxbuffer", "5"}})),
            "-Dzookeeper.snapcount is not a known property; is snapCount meant?; it is ignored\n"
            "-Djute.maxbufer is ignored; is -Djute.maxbuffer meant?\n"
            "-Dzookeeper.tickTime is read from zoo.cfg alone; it is ignored\n"
            "-Dzookeeper.jute.maxbuffer is read as -Djute.maxbuffer, without zookeeper.; it is ignored\n");
}

TEST(Load, a_prefix_in_a_file_causes_a_warning) {
  EXPECT_EQ(notices(loaded(basics("zookeeper.skipACL=yes\n"))),
            "zoo.cfg:4: zookeeper.skipACL is written skipACL in a file, without zookeeper.; the line is ignored\n");
}

TEST(Load, octal_numbers_are_reported) {
  const auto result = loaded(basics("snapCount=0100\n"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->settings.storage.snap_count, 64);
  EXPECT_EQ(notices(result), "zoo.cfg:4: snapCount begins with 0, so that it is octal, as Java reads it: 64\n");
}

TEST(Load, the_scripts_environment_variable_disables_creating_directories) {
  const auto result = load(basics(), "zoo.cfg", {}, {{"ZOO_DATADIR_AUTOCREATE_DISABLE", "1"}});
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->settings.storage.folder_autocreate);
}

TEST(Load, port_and_directory_replace_a_file_without_a_connection_limit) {
  const auto result = load_positional({"2181", "/data", {}, {}}, {{"zookeeper.admin.enableServer", "false"}}, {});
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(result->settings.network.client, (Listen{"", 2181}));
  EXPECT_EQ(result->settings.storage.data_log_dir, "/data");
  EXPECT_EQ(result->settings.limits.connections_per_address_max, 0);
  EXPECT_EQ(notices(result), "");
  const auto full = load_positional({"2181", "/data", "2000", "10"}, {}, {});
  EXPECT_EQ(full->settings.sessions, (Sessions{2000, 4000, 40000}));
  EXPECT_EQ(full->settings.limits.connections_per_address_max, 10);
  EXPECT_EQ(problems(load_positional({"port", "/data", {}, {}}, {}, {})),
            "command line: clientPort must be a whole number, not 'port'\n");
}

TEST(Load, the_sample_loads_without_notices) {
  const auto result = loaded(testing::file_text(QUOLL_SOURCE_DIR "/conf/zoo_sample.cfg"));
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(notices(result), "");
  EXPECT_EQ(result->settings.purge.interval_ms, 86'400'000);
  EXPECT_EQ(result->settings.four_letter_words.allowed, (std::set<std::string>{"srvr", "ruok", "mntr"}));
}

TEST(Load, log_level_comes_from_our_key_or_log4js) {
  EXPECT_EQ(loaded(basics("quoll.log.level=debug\n"))->settings.log.level, env::Level::debug);
  EXPECT_EQ(loaded(basics(), {{"zookeeper.root.logger", "WARN,ROLLINGFILE"}})->settings.log.level, env::Level::warn);
  EXPECT_EQ(loaded(basics())->settings.log.level, env::Level::info);
}

TEST(Load, form_and_file_of_the_log_have_keys) {
  const auto log = loaded(basics("quoll.log.format=log4j\nquoll.log.file=/var/log/quoll.log\n"))->settings.log;
  EXPECT_EQ(log, (LogOutput{env::Level::info, LogFormat::log4j, "/var/log/quoll.log"}));
  EXPECT_EQ(loaded(basics())->settings.log, LogOutput());
  EXPECT_NE(problems(loaded(basics("quoll.log.format=xml\n"))), "");
}

// Random files load or are refused with a reason. Table keys with odd values pass the parser.
TEST(Load, random_files_never_break_the_parser) {
  base::Prng random(1);
  const std::string_view pieces[] = {"=",  ":",    " ",          "\n", "\r\n", "\\",     "\\u00", "#", "-1",
                                     "0x", "true", "9999999999", ",",  ";",    "[::1]:", "\xff",  "."};
  for (int round = 0; round < 20000; ++round) {
    std::string text = round % 2 == 0 ? basics() : std::string();
    for (auto left = random.below(30); left > 0; --left) {
      if (random.below(3) == 0)
        text += keys()[random.below(keys().size())].name;
      else
        text += pieces[random.below(std::size(pieces))];
    }
    const auto result = loaded(text);
    EXPECT_TRUE(result || !result.error().problems.empty()) << text;
  }
}

}  // namespace
}  // namespace quoll::config
