#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/prng.h"
#include "session/session_id.h"
#include "session/session_table.h"

namespace quoll::session {
namespace {

TEST(SessionTable, a_session_lives_its_timeout_and_at_most_a_tick_longer) {
  SessionTable table(2000);
  table.track(SessionId{1}, 4000, 1000);
  EXPECT_EQ(table.next_expiry_ms(), 6000);
  EXPECT_TRUE(table.expire(5999).empty());
  EXPECT_EQ(table.expire(6000), std::vector{SessionId{1}});
  EXPECT_FALSE(table.touch(SessionId{1}, 4000, 6001));
  EXPECT_TRUE(table.expire(20000).empty()) << "told once";
  EXPECT_TRUE(table.is_known(SessionId{1})) << "known until its closeSession is applied";
  table.remove(SessionId{1});
  EXPECT_EQ(table.size(), 0u);
}

TEST(SessionTable, a_touch_moves_the_expiry) {
  SessionTable table(2000);
  table.track(SessionId{1}, 4000, 0);
  EXPECT_TRUE(table.touch(SessionId{1}, 4000, 5000));
  EXPECT_TRUE(table.expire(9999).empty());
  EXPECT_EQ(table.expire(10000).size(), 1u);
}

TEST(SessionTable, a_closing_session_is_not_touched_and_not_expired_again) {
  SessionTable table(2000);
  table.track(SessionId{1}, 4000, 0);
  table.set_closing(SessionId{1});
  EXPECT_FALSE(table.touch(SessionId{1}, 4000, 1));
  EXPECT_TRUE(table.expire(100000).empty());
}

// Quadratic expiry would take minutes here.
TEST(SessionTable, e8_a_hundred_thousand_expire_in_one_tick) {
  SessionTable table(2000);
  for (std::int64_t id = 1; id <= 100'000; ++id) table.track(SessionId{id}, 4000, 1000);
  EXPECT_EQ(table.buckets().size(), 1U) << "all are in one bucket";
  EXPECT_EQ(table.expire(6000).size(), 100'000U);
  for (std::int64_t id = 1; id <= 100'000; ++id) table.remove(SessionId{id});
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(table.buckets().empty());
}

TEST(SessionTable, its_invariants_hold_after_each_of_many_random_calls) {
  base::Prng chance(7);
  SessionTable table(100);
  for (std::int64_t now_ms = 1; now_ms < 20'000; now_ms += static_cast<std::int64_t>(chance.below(20))) {
    const SessionId id{1 + static_cast<std::int64_t>(chance.below(20))};
    const auto timeout_ms = static_cast<std::int32_t>(100 + chance.below(1000));
    switch (chance.below(6)) {
      case 0:
        table.track(id, timeout_ms, now_ms);
        break;
      case 1:
        table.set_closing(id);
        break;
      case 2:
        table.remove(id);
        break;
      case 3:
        (void)table.expire(now_ms);
        break;
      default:
        table.touch(id, timeout_ms, now_ms);
    }
    table.check_invariants();
  }
}

TEST(SessionId, has_the_server_id_in_its_top_byte_and_is_never_the_owner_of_containers) {
  EXPECT_EQ(first_session_id(1577836800001, ServerId{1}).value(), 0x0100000000010000);
  EXPECT_EQ(first_session_id(1577836800000, ServerId{0x80}).value(), INT64_MIN + 1);
}

TEST(SessionId, password_comes_from_java_util_random) {
  // From a JVM: new java.util.Random(0x0100000000010000L ^ 0xB3415C00L).nextBytes.
  const std::string password = password_of(SessionId{0x0100000000010000});
  std::string hex;
  for (const char c : password) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  EXPECT_EQ(hex, "8544e06b2edc3db96bdf90f9278bafc1");
  EXPECT_TRUE(is_password_of(SessionId{0x0100000000010000}, password));
  EXPECT_FALSE(is_password_of(SessionId{0x0100000000010001}, password));
  EXPECT_FALSE(is_password_of(SessionId{0}, password_of(SessionId{0})));
  EXPECT_FALSE(is_password_of(SessionId{0x0100000000010000}, ""));
}

}  // namespace
}  // namespace quoll::session
