// No session id is given twice, whatever becomes of the clock, the counter of the zxid, and the sessions.
#include "server/session_ids.h"

#include <cerrno>
#include <set>

#include "server/test_support.h"
#include "session/session_id.h"
#include "store/file_names.h"

namespace quoll::server {
namespace {

const std::string kDirectory = "/data/version-2";
const std::string kFile = kDirectory + "/" + std::string(store::kSessionIdsName);
constexpr std::int64_t kDayMs = 86'400'000;

class SessionIdsTest : public ::testing::Test {
 protected:
  SessionIdsTest() {
    EXPECT_TRUE(world.disk.make_directories(kDirectory));
    for (const char* directory : {"/", "/data"}) EXPECT_TRUE(world.disk.sync_directory(directory));
    start();
  }
  void start(std::optional<SessionId> newest = {}) {
    ids.emplace(world.env(), server);
    ASSERT_TRUE(ids->start(kDirectory, newest));
  }
  void power_failure() {
    ids.reset();
    world.disk.cut();
  }
  // Gives `count` ids and checks that all are new.
  void give(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const std::optional<SessionId> id = ids->next();
      ASSERT_TRUE(id);
      ASSERT_TRUE(given.insert(*id).second) << "id " << id->value() << " was given twice";
      ASSERT_EQ(session::server_of(*id), server);
      ASSERT_NE(id->value(), 0);
      ASSERT_NE(id->value(), INT64_MIN);
      last = *id;
    }
  }

  sim::World world{1};
  ServerId server{1};
  std::optional<SessionIds> ids;
  std::set<SessionId> given;
  SessionId last;
};

TEST_F(SessionIdsTest, differ_after_starts_in_the_same_millisecond) {
  for (int starts = 0; starts < 5; ++starts) {
    give(3);
    power_failure();
    start();
  }
}

TEST_F(SessionIdsTest, differ_after_the_clock_was_set_back) {
  for (int starts = 0; starts < 5; ++starts) {
    give(3);
    power_failure();
    world.clock.jump_wall(starts == 0 ? -kDayMs : -1);
    start();
  }
}

TEST_F(SessionIdsTest, follow_the_clock_if_it_is_ahead) {
  give(1);
  world.clock.jump_wall(kDayMs);
  start();
  give(1);
  EXPECT_EQ(last, session::first_session_id(world.clock.wall_ms(), server));
}

TEST_F(SessionIdsTest, differ_for_a_server_whose_ids_are_negative_numbers) {
  server = ServerId{200};
  start();
  for (int starts = 0; starts < 3; ++starts) {
    give(3);
    power_failure();
    world.clock.jump_wall(-1);
    start();
  }
}

TEST_F(SessionIdsTest, differ_when_the_range_has_begun_again) {
  for (const std::int64_t number : {1, 128}) {
    server = ServerId{number};
    // In 2054 the clock's 40 bits are used up.
    constexpr std::int64_t kEndMs = 1'577'836'800'000 + (std::int64_t{1} << 40);
    world.clock.jump_wall(kEndMs - 2 - world.clock.wall_ms());
    world.disk.put(kFile, "");
    start();
    give(1);
    const SessionId before = last;
    for (int starts = 0; starts < 4; ++starts) {
      power_failure();
      world.clock.jump_wall(-1);
      start();
      give(200'000);
      world.run_for(100);
    }
    EXPECT_LT(last, before);
  }
}

TEST_F(SessionIdsTest, differ_although_more_are_given_than_a_block_has) {
  for (int starts = 0; starts < 2; ++starts) {
    for (int part = 0; part < 25; ++part) {
      give(SessionIds::kBlock / 10);
      world.run_for(100);
    }
    power_failure();
    world.clock.jump_wall(-kDayMs);
    start();
  }
}

TEST_F(SessionIdsTest, end_with_the_block_while_the_disk_hangs) {
  world.workers.hang();
  give(SessionIds::kBlock);
  EXPECT_FALSE(ids->next());
  world.workers.go_on();
  world.run_for(100);
  give(10);
}

TEST_F(SessionIdsTest, are_not_given_before_a_full_disk_has_recorded_them) {
  power_failure();
  world.disk.inject({.call = sim::MemoryDisk::Call::write, .path_part = kFile, .code = ENOSPC, .times = 2});
  start();
  EXPECT_FALSE(ids->next());
  world.run_for(1500);
  EXPECT_FALSE(ids->next());
  world.run_for(100);
  EXPECT_FALSE(ids->next()) << "not tried again at once";
  world.run_for(1500);
  EXPECT_FALSE(ids->next());
  world.run_for(100);
  give(10);
}

TEST_F(SessionIdsTest, without_a_readable_file_follow_those_of_the_recovered_history) {
  give(10);
  const SessionId seen = last;
  for (const std::string_view text : {"", "x"}) {
    power_failure();
    world.clock.jump_wall(-kDayMs);
    world.disk.put(kFile, text);
    start(seen);
    EXPECT_TRUE(world.log.has("does not contain a number"));
    EXPECT_GE(ids->next(), SessionId{seen.value() + SessionIds::kBlock});
  }
}

TEST_F(SessionIdsTest, differ_although_the_file_is_lost_again_and_the_same_history_is_recovered) {
  give(1);
  const SessionId seen = last;
  for (int losses = 0; losses < 5; ++losses) {
    power_failure();
    world.clock.jump_wall(-kDayMs);
    ASSERT_TRUE(world.disk.remove(kFile));
    start(seen);
    give(10);
  }
}

TEST_F(SessionIdsTest, do_not_follow_those_of_another_server) {
  give(1);
  server = ServerId{2};
  start();
  give(1);
  EXPECT_EQ(last, session::first_session_id(world.clock.wall_ms(), server));
}

// Whole servers.

void close(sim::Client& client) {
  ASSERT_NE(client.call(OpCode::close_session, EmptyRequest{}), nullptr);
}

// The wall clock when the session's server was started.
std::int64_t start_of(std::int64_t session) {
  constexpr std::int64_t k2020Ms = 1'577'836'800'000;
  return k2020Ms + ((session >> 16) & ((std::int64_t{1} << 40) - 1));
}

TEST(IdsOfAServer, differ_when_the_zxid_has_run_over_before_a_restart_in_the_same_millisecond) {
  ServerWorld s;
  s.options.store.serialize_last_processed_zxid = false;
  ASSERT_TRUE(s.start());
  s.stop();
  ASSERT_TRUE(s.world.disk.rename(kDirectory + "/snapshot.0", kDirectory + "/snapshot.7fffffffd"));
  ASSERT_TRUE(s.world.disk.sync_directory(kDirectory));
  ASSERT_TRUE(s.world.disk.remove(kFile));
  ASSERT_TRUE(s.start());
  std::set<std::int64_t> given;
  for (int i = 0; i < 3; ++i) {
    sim::Client& client = s.connected(60000);
    EXPECT_TRUE(given.insert(client.session()).second);
    close(client);
  }
  ASSERT_EQ(s.state().last_processed.epoch(), Epoch{8});
  const std::int64_t started_ms = start_of(*given.begin());
  s.stop();
  s.world.clock.jump_wall(started_ms - s.world.clock.wall_ms());
  // From here on the log shows nothing of the closed sessions.
  ASSERT_TRUE(s.start());
  ASSERT_TRUE(
      s.world.run_until([&] { return s.server->snapshots()->last_zxid() == s.state().last_processed.value(); }, 1000));
  s.stop();
  s.world.clock.jump_wall(started_ms - s.world.clock.wall_ms());
  ASSERT_TRUE(s.start());
  EXPECT_TRUE(given.insert(s.connected(60000).session()).second);
}

TEST(IdsOfAServer, without_the_file_differ_from_those_in_the_snapshot_and_in_the_log) {
  for (const bool is_in_snapshot : {true, false}) {
    ServerWorld s;
    ASSERT_TRUE(s.start());
    sim::Client& client = s.connected(60000);
    if (is_in_snapshot) {
      s.stop();
      ASSERT_TRUE(s.start());
      s.world.run_for(1000);
    } else {
      close(client);
    }
    s.stop();
    ASSERT_TRUE(s.world.disk.remove(kFile));
    s.world.clock.jump_wall(-kDayMs);
    ASSERT_TRUE(s.start());
    EXPECT_GE(s.connected().session(), client.session() + SessionIds::kBlock);
  }
}

TEST(IdsOfAServer, an_unreadable_file_refuses_the_start) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  s.stop();
  s.world.disk.inject({.call = sim::MemoryDisk::Call::read, .path_part = kFile});
  EXPECT_FALSE(s.start());
  EXPECT_TRUE(s.start());
}

TEST(IdsOfAServer, a_full_disk_at_the_start_refuses_sessions_until_it_has_room) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  s.stop();
  s.world.disk.inject({.call = sim::MemoryDisk::Call::write, .path_part = kFile, .code = ENOSPC});
  ASSERT_TRUE(s.start());
  EXPECT_FALSE(s.client().connect());
  s.world.run_for(1500);
  EXPECT_FALSE(s.client().connect());
  s.world.run_for(100);
  EXPECT_TRUE(s.client().connect());
}

TEST_F(SessionIdsTest, go_on_above_an_id_that_another_member_has_shown_and_only_when_that_is_recorded) {
  give(1);
  const SessionId known{last.value() + 10 * SessionIds::kBlock};
  world.workers.hang();
  ids->pass(known);
  EXPECT_FALSE(ids->next());
  world.workers.go_on();
  world.run_for(100);
  give(1);
  EXPECT_GT(last, known);
  power_failure();
  world.clock.jump_wall(-kDayMs);
  start();
  give(1);
  EXPECT_GT(last, known);
}

TEST_F(SessionIdsTest, what_was_being_recorded_when_an_id_was_passed_does_not_count) {
  give(SessionIds::kBlock / 2 - 1);
  world.workers.hang();
  give(2);  // the next block is being recorded
  const SessionId known{last.value() + 10 * SessionIds::kBlock};
  ids->pass(known);
  world.workers.go_on();
  world.run_for(100);
  give(1);
  EXPECT_GT(last, known);
  power_failure();
  start();
  give(1);
}

TEST_F(SessionIdsTest, an_id_that_was_given_long_ago_changes_nothing) {
  give(2);
  const SessionId before = last;
  ids->pass(SessionId{last.value() - 1});
  give(1);
  EXPECT_EQ(last.value(), before.value() + 1);
}

}  // namespace
}  // namespace quoll::server
