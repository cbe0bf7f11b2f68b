// How each type of key is parsed, compared with Apache: Integer.parseInt and QuorumPeerConfig.parseBoolean, which
// prevent the start; Integer.getInteger, Boolean.getBoolean and comparisons with one word, which use the default.
#include <gtest/gtest.h>

#include "config/test_support.h"
#include "config/text.h"
#include "config/values.h"

namespace quoll::config {
namespace {

using testing::basics;
using testing::loaded;
using testing::notices;
using testing::problems;

Values given(const Key& key, std::string_view text) {
  Values values;
  values.give(key.name, {std::string(text), "zoo.cfg:4", 4});
  return values;
}

bool is_switch(const Key& key) {
  return key.type == Type::boolean || key.type == Type::yes_no;
}

bool is_number(const Key& key) {
  return (key.type == Type::int32 || key.type == Type::int64) && !key.preset.empty();
}

TEST(Reading, zoo_cfgs_own_booleans_are_true_or_false_in_any_case) {
  int checked = 0;
  for (const Key& key : keys()) {
    if (!is_switch(key) || !is_strict(key)) continue;
    ++checked;
    for (const auto* on : {"true", "TRUE", "True"}) EXPECT_TRUE(given(key, on).boolean(key.name)) << key.name;
    for (const auto* off : {"false", "FALSE"}) EXPECT_FALSE(given(key, off).boolean(key.name)) << key.name;
    for (const auto* bad : {"", "yes", "1", "true # on", "tru\xc3\xa9"}) {
      auto values = given(key, bad);
      (void)values.boolean(key.name);
      EXPECT_EQ(values.report().problems.size(), 1U) << key.name << "=" << bad;
    }
  }
  EXPECT_GT(checked, 10);
}

TEST(Reading, boolean_properties_are_true_only_for_true_and_never_prevent_the_start) {
  int checked = 0;
  for (const Key& key : keys()) {
    if (!is_switch(key) || is_strict(key) || !key.switch_word.empty()) continue;
    ++checked;
    for (const auto* on : {"true", "TRUE", "tRuE"}) {
      auto values = given(key, on);
      EXPECT_TRUE(values.boolean(key.name)) << key.name;
      EXPECT_TRUE(values.report().notices.empty()) << key.name;
    }
    for (const auto* off : {"", "yes", "1", "on", "true # on", "false # off", " true", "T"}) {
      auto values = given(key, off);
      EXPECT_FALSE(values.boolean(key.name)) << key.name << "=" << off;
      EXPECT_TRUE(values.report().problems.empty()) << key.name;
      EXPECT_EQ(values.report().notices.size(), 1U) << key.name << "=" << off;
    }
  }
  EXPECT_GT(checked, 40);
}

TEST(Reading, one_word_switches_react_to_exactly_that_word) {
  std::set<std::string_view> names;
  for (const Key& key : keys()) {
    if (key.switch_word.empty()) continue;
    names.insert(key.name);
    const bool preset = key.preset == "true" || key.preset == "yes";
    EXPECT_EQ(given(key, key.switch_word).boolean(key.name), !preset) << key.name;
    auto upper = std::string(key.switch_word);
    upper[0] = static_cast<char>(upper[0] - 'a' + 'A');
    for (const std::string_view other : {std::string_view(upper), key.preset, std::string_view(), std::string_view("0"),
                                         std::string_view("no # never"), std::string_view(" no")}) {
      EXPECT_EQ(given(key, other).boolean(key.name), preset) << key.name << "=" << other;
    }
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"forceSync", "skipACL", "readonlymode.enabled", "admin.enableServer",
                                               "leaderServes"}));
}

TEST(Reading, zoo_cfgs_own_numbers_are_decimal_or_an_error) {
  int checked = 0;
  for (const Key& key : keys()) {
    if (!is_number(key) || key.place != Place::file) continue;
    ++checked;
    for (const auto* bad : {"", "0x10", "1 2", "1,2", "3 # three", "99999999999999999999", "1.5", "five"}) {
      auto values = given(key, bad);
      (void)values.maybe_int(key.name);
      EXPECT_EQ(values.report().problems.size(), 1U) << key.name << "=" << bad;
    }
    auto values = given(key, "+00003");
    EXPECT_EQ(values.maybe_int(key.name), 3) << key.name;
  }
  EXPECT_GT(checked, 12);
}

TEST(Reading, number_properties_have_the_default_if_they_cannot_be_parsed) {
  int checked = 0;
  for (const Key& key : keys()) {
    if (!is_number(key) || is_strict(key)) continue;
    ++checked;
    const auto preset = *parse_int(key.preset, Digits::decimal);
    for (const auto* bad : {"", "64M", "1 2", "5 # five", "99999999999999999999", "0x", "08", "2147483648x", " 5"}) {
      auto values = given(key, bad);
      const auto value = key.type == Type::int32 ? values.int32(key.name) : values.int64(key.name);
      if (key.decimal && std::string_view(bad) == "08") continue;
      EXPECT_EQ(value, preset) << key.name << "=" << bad;
      EXPECT_TRUE(values.report().problems.empty()) << key.name << "=" << bad;
      EXPECT_EQ(values.report().notices.size(), 1U) << key.name << "=" << bad;
    }
  }
  EXPECT_GT(checked, 50);
}

TEST(Reading, number_properties_may_be_hexadecimal_or_octal) {
  const auto snap_count = [](std::string_view text) {
    return loaded(basics(fmt::format("snapCount={}\n", text)))->settings.storage.snap_count;
  };
  EXPECT_EQ(snap_count("0x100"), 256);
  EXPECT_EQ(snap_count("#100"), 256);
  EXPECT_EQ(snap_count("+0X100"), 256);
  EXPECT_EQ(snap_count("0400"), 256);
  EXPECT_EQ(snap_count("-5"), 2) << "raised";
  EXPECT_EQ(snap_count("2147483647"), 2147483647);
  EXPECT_EQ(snap_count("2147483648"), 100000) << "no int of Java's";
  EXPECT_EQ(loaded(basics("preAllocSize=0x10\n"))->settings.storage.pre_alloc_kb, 65536) << "by Long.parseLong";
  EXPECT_EQ(loaded(basics("preAllocSize=010\n"))->settings.storage.pre_alloc_kb, 10) << "by Long.parseLong";
}

TEST(Reading, fractions_must_be_numbers) {
  EXPECT_EQ(problems(loaded(basics("connection_throttle_drop_increase=much\n"))),
            "zoo.cfg:4: connection_throttle_drop_increase must be a number, not 'much'\n");
}

TEST(Reading, numbers_that_apache_accepts_are_clamped) {
  const auto result =
      loaded(basics("globalOutstandingLimit=0\nmaxCnxns=-1\nlargeRequestMaxBytes=0\n"
                    "connection_throttle_global_session_weight=-1\nminSessionTimeout=-5\n"
                    "maxClientCnxns=-7\nclientPortListenBacklog=-9\npreAllocSize=99999999999\n"
                    "connection_throttle_local_session_weight=9\n"));
  ASSERT_TRUE(result) << problems(result);
  const auto& s = result->settings;
  EXPECT_EQ(s.limits.outstanding_max, 1);
  EXPECT_EQ(s.limits.connections_max, 0);
  EXPECT_EQ(s.limits.large_requests_bytes_max, 104857600);
  EXPECT_EQ(s.connection_throttle.global_session_weight, 9) << "as much as a local session";
  EXPECT_EQ(s.sessions.timeout_min_ms, 0);
  EXPECT_EQ(s.limits.connections_per_address_max, 0);
  EXPECT_EQ(s.storage.pre_alloc_kb, 4194304);
}

TEST(Reading, syncing_is_disabled_only_by_no) {
  for (const auto* text : {"NO", "No", "false", "0", "off", "", "no # never", "true"}) {
    const auto result = loaded(basics(fmt::format("forceSync={}\n", text)));
    ASSERT_TRUE(result) << text;
    EXPECT_TRUE(result->settings.storage.force_sync) << text;
  }
  EXPECT_FALSE(loaded(basics("forceSync=no\n"))->settings.storage.force_sync);
  EXPECT_TRUE(loaded(basics(), {{"zookeeper.forceSync", "no "}})->settings.storage.force_sync)
      << "Apache does not trim properties";
}

TEST(Reading, warnings_say_what_the_text_means_and_what_was_meant) {
  EXPECT_EQ(
      notices(loaded(basics("skipACL=true\nforceSync=NO\ndigest.enabled=false # comment\npreAllocSize=64M\n"
                            "snapCount=100,000\nforceSync=true\nenforceQuota=maybe\n"
                            "snapshot.compression.method=lz4\nfsync.warningthresholdms=1s\n"))),
      "zoo.cfg:4: skipACL is 'true', which counts as no, as in Apache's server: only 'yes' does not; write "
      "skipACL=yes if that is meant\n"
      "zoo.cfg:6: digest.enabled is 'false # comment', which counts as false, as in Apache's server: only 'true' "
      "does not; better write digest.enabled=false. A comment must be on a line of its own\n"
      "zoo.cfg:7: preAllocSize is '64M', which is not a whole number: the default is taken, as by Apache's server "
      "(65536 KiB); write preAllocSize=65536 if that is meant\n"
      "zoo.cfg:8: snapCount is '100,000', which is not a whole number: the default is taken, as by Apache's server "
      "(100000); write snapCount=100000 if that is meant\n"
      "zoo.cfg:9: forceSync is also on line 5; this line, the last one, counts\n"
      "zoo.cfg:9: forceSync is 'true', which counts as yes, as in Apache's server: only 'no' does not; better "
      "write forceSync=yes\n"
      "zoo.cfg:10: enforceQuota is 'maybe', which counts as false, as in Apache's server: only 'true' does not\n"
      "zoo.cfg:11: snapshot.compression.method is 'lz4', which is none of gz snappy: the default is taken, as by "
      "Apache's server (not compressed)\n"
      "zoo.cfg:12: fsync.warningthresholdms is '1s', which is not a whole number: the default is taken, as by "
      "Apache's server (1000 ms); write fsync.warningthresholdms=1000 if that is meant\n");
}

TEST(Reading, empty_paths_are_refused_as_apache_refuses_them) {
  EXPECT_EQ(problems(loaded(basics("dataLogDir=\n"))),
            "zoo.cfg:4: dataLogDir is empty: name the folder of the transaction log, or leave the line out to use "
            "dataDir\n");
}

TEST(Reading, an_empty_address_is_the_loopback_as_in_java) {
  const auto result = loaded(basics("clientPortAddress=\n"));
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(result->settings.network.client, (Listen{"127.0.0.1", 2181}));
  EXPECT_TRUE(notices(result, Weight::warning).starts_with("zoo.cfg:4: clientPortAddress is empty, which counts as"));
}

TEST(Reading, wrong_tls_keys_without_a_secure_port_cause_warnings_only) {
  const std::string odd =
      "ssl.clientAuth=maybe\nssl.keyStore.location=/k.bin\nssl.crl=true\n"
      "ssl.enabledProtocols=SSLv3\nssl.handshakeDetectionTimeoutMillis=x\n"
      "ssl.context.supplier.class=com.example.Ssl\n";
  const auto result = loaded(basics(odd));
  EXPECT_EQ(problems(result), "");
  EXPECT_EQ(result->notices.size(), 6U) << notices(result);
  const auto secure = loaded(basics(odd + "secureClientPort=2281\n"));
  ASSERT_FALSE(secure);
  EXPECT_EQ(secure.error().problems.size(), 6U) << problems(secure);
}

TEST(Reading, changed_settings_are_listed_without_secrets) {
  const auto result = loaded(basics("tickTime=3000\nsnapCount=0x10\nskipACL=true\npreAllocSize=64M\nssl.keyStore."
                                    "password=hunter2\ninitLimit=5\n"),
                             {{"zookeeper.maxCnxns", "7"}});
  ASSERT_TRUE(result);
  std::string all;
  for (const auto& [key, text, place] : result->changed) all += fmt::format("{}={} ({})\n", key, text, place);
  EXPECT_EQ(all,
            "admin.enableServer=false (zoo.cfg:3)\nclientPort=2181 (zoo.cfg:2)\ndataDir=/data (zoo.cfg:1)\nmaxCnxns=7 "
            "(-Dzookeeper.maxCnxns)\n"
            "snapCount=0x10 (zoo.cfg:5)\nssl.keyStore.password=(set) (zoo.cfg:8)\n");
  EXPECT_EQ(result->place_of("clientPort"), "zoo.cfg:2");
  EXPECT_EQ(result->place_of("secureClientPort"), "");
}

}  // namespace
}  // namespace quoll::config
