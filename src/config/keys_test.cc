#include "config/keys.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "config/fill.h"
#include "config/offers.h"
#include "config/text.h"

namespace quoll::config {
namespace {

bool parses(const Key& key, std::string_view text) {
  switch (key.type) {
    case Type::boolean:
      return parse_bool(text).has_value();
    case Type::yes_no:
      return parse_yes_no(text).has_value();
    case Type::int32:
    case Type::int64: {
      const auto value = parse_int(text, Digits::decimal);
      return value && *value >= key.min && *value <= key.max;
    }
    case Type::real:
      return parse_real(text).has_value();
    case Type::duration:
      return parse_duration_ms(text).has_value();
    default:
      return true;
  }
}

TEST(Keys, default_of_every_row_parses_and_is_in_range) {
  for (const auto& key : keys()) {
    if (key.preset.empty()) {
      EXPECT_FALSE(key.preset_words.empty()) << key.name;
    } else {
      EXPECT_TRUE(parses(key, key.preset)) << key.name;
    }
  }
}

TEST(Keys, numbers_and_booleans_that_are_read_plainly_have_defaults) {
  for (const auto& key : keys()) {
    const bool plain = key.type == Type::boolean || key.type == Type::yes_no || key.type == Type::real;
    EXPECT_FALSE(plain && key.preset.empty()) << key.name;
  }
}

TEST(Keys, every_row_says_what_it_does_and_every_exception_says_why) {
  for (const auto& key : keys()) {
    EXPECT_TRUE(key.what.ends_with('.')) << key.name;
    EXPECT_EQ(key.status == Status::honoured, key.note.empty()) << key.name;
    EXPECT_FALSE(key.note.ends_with('.')) << key.name;
    EXPECT_FALSE(key.group.empty()) << key.name;
  }
}

TEST(Keys, choices_hold_the_default) {
  for (const auto& key : keys()) {
    if (key.choices.empty() || key.preset.empty()) continue;
    const auto words = split(key.choices, ' ');
    EXPECT_NE(std::ranges::find(words, key.preset), words.end()) << key.name;
  }
}

// The code must read every key that the table calls honoured,
TEST(Keys, every_honoured_key_is_read) {
  Values values;
  (void)fill(values);
  for (const auto& key : keys()) {
    if (key.status != Status::honoured || key.family || key.name == "superUser") continue;
    EXPECT_TRUE(values.read().contains(key.name)) << key.name;
  }
}

// and no others.
TEST(Keys, no_other_key_is_read) {
  Values values;
  (void)fill(values);
  for (const auto& name : values.read()) EXPECT_EQ(row(name).status, Status::honoured) << name;
}

TEST(Keys, passwords_and_digests_are_secret) {
  for (const auto& key : keys()) {
    const auto name = lower_case(key.name);
    const bool telling = name.ends_with("password") || name.ends_with("superdigest");
    EXPECT_EQ(telling, key.type == Type::secret) << key.name;
  }
}

TEST(Keys, families_match_keys_without_a_row) {
  ASSERT_NE(find_in_file("authProvider.sasl"), nullptr);
  EXPECT_EQ(find_in_file("authProvider.sasl")->name, "authProvider.");
  EXPECT_EQ(find_in_file("metricsProvider.className")->name, "metricsProvider.className");
  EXPECT_EQ(find_in_file("metricsProvider.numWorkerThreads")->name, "metricsProvider.");
  EXPECT_EQ(find_in_file("server."), nullptr);
  EXPECT_EQ(find_in_file("nosuchkey"), nullptr);
}

TEST(Keys, properties_have_the_prefix_except_the_bare_ones) {
  EXPECT_EQ(find_property("zookeeper.snapCount")->name, "snapCount");
  EXPECT_EQ(find_property("zookeeper.authProvider.1")->name, "authProvider.");
  EXPECT_EQ(find_property("jute.maxbuffer")->name, "jute.maxbuffer");
  EXPECT_EQ(find_property("zookeeper.jute.maxbuffer"), nullptr);
  EXPECT_EQ(find_property("zookeeper.jute.maxbuffer.extrasize")->name, "jute.maxbuffer.extrasize");
  EXPECT_EQ(find_property("snapCount"), nullptr);
  EXPECT_EQ(find_property("zookeeper.tickTime"), nullptr);
}

TEST(Keys, nearest_key_tolerates_case_and_a_few_letters) {
  EXPECT_EQ(nearest_key("ticktime"), "tickTime");
  EXPECT_EQ(nearest_key("dataLogdri"), "dataLogDir");
  EXPECT_EQ(nearest_key("autopurge.snapRetaincount"), "autopurge.snapRetainCount");
  EXPECT_EQ(nearest_key("clientPrt"), "clientPort");
  EXPECT_EQ(nearest_key("4lw.command.whitelist"), "4lw.commands.whitelist");
  EXPECT_EQ(nearest_key("somethingElseEntirely"), "");
  EXPECT_EQ(nearest_key("x"), "");
}

TEST(Keys, names_used_only_in_the_manual_lead_to_the_real_ones) {
  EXPECT_EQ(nearest_key("requestThrottleLimit"), "request_throttle_max_requests");
  EXPECT_EQ(nearest_key("connectionMaxTokens"), "connection_throttle_tokens");
}

}  // namespace
}  // namespace quoll::config
