// A full disk refuses writes and nothing else. Whatever disk error occurs at whichever call, temporary or permanent: no
// acknowledged write is lost, and no file prevents the next start.
#include <cerrno>

#include "server/test_support.h"

namespace quoll::server {
namespace {

constexpr std::int64_t kMib = std::int64_t{1} << 20;

// A disk of 8 MiB, with a server and one client.
class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    s.options.snapshots.count = 1000;
    s.world.disk.set_capacity(8 * kMib);
    ASSERT_TRUE(s.start());
    client = &s.connected();
    ASSERT_EQ(client->create("/before", "x"), Error::ok);
  }
  // Fills the rest of the disk with other files.
  void fill() { s.world.disk.set_capacity(s.world.disk.used()); }
  void make_room() { s.world.disk.set_capacity(64 * kMib); }
  // Writes until writes are refused.
  int write_until_refused() {
    const std::string data(20'000, 'd');
    for (int i = 0; i < 4000; ++i) {
      const Error err = client->create(fmt::format("/n{}", i), data);
      if (err == Error::not_read_only) return i;
      EXPECT_EQ(err, Error::ok) << i;
      if (err != Error::ok) return -1;
    }
    return -1;
  }

  ServerWorld s;
  sim::Client* client = nullptr;
};

TEST_F(FullDisk, writes_are_refused_while_reads_pings_and_sessions_go_on) {
  const int written = write_until_refused();
  ASSERT_GT(written, 100);
  EXPECT_FALSE(s.fatal);
  EXPECT_EQ(client->set("/before", "y"), Error::not_read_only);
  EXPECT_EQ(client->remove("/before"), Error::not_read_only);
  EXPECT_EQ(client->get("/before"), "x");
  EXPECT_TRUE(client->reconnect()) << "an existing session can be reattached";
  EXPECT_EQ(client->get("/before"), "x");
  EXPECT_FALSE(s.client().connect()) << "a new session must be logged";
  EXPECT_GT(s.server->core().stats.metrics.writes_refused_disk_full, 2);
  EXPECT_TRUE(s.world.log.has("is full"));
}

TEST_F(FullDisk, with_free_space_writes_resume_within_ten_seconds_by_themselves) {
  const int written = write_until_refused();
  make_room();
  s.world.run_for(2500);
  EXPECT_EQ(client->create("/after"), Error::ok);
  EXPECT_TRUE(s.world.log.has("has space again"));
  for (int i = 0; i < written; ++i) ASSERT_TRUE(s.has_node(fmt::format("/n{}", i)));
}

TEST_F(FullDisk, a_write_in_progress_when_the_disk_fills_is_completed_when_there_is_space) {
  fill();
  const std::string data(20'000, 'd');
  const auto pending = client->send(OpCode::create, CreateRequest{"/pending", data, sim::open_acl(), 0});
  s.world.run_for(3000);
  EXPECT_EQ(client->reply(pending), nullptr) << "the write is not durable yet";
  EXPECT_FALSE(s.has_node("/pending"));
  sim::Client& other = s.client();
  EXPECT_FALSE(other.connect());
  EXPECT_FALSE(s.fatal);
  make_room();
  s.world.run_for(3000);
  ASSERT_NE(client->reply(pending), nullptr);
  EXPECT_EQ(client->reply(pending)->err, Error::ok);
  EXPECT_EQ(client->create("/after"), Error::ok);
  s.kill();
  ASSERT_TRUE(s.start()) << (s.start_error ? s.start_error->text : "");
  EXPECT_EQ(s.data_of("/pending"), data);
  EXPECT_TRUE(s.has_node("/after"));
}

TEST_F(FullDisk, a_server_killed_on_a_full_disk_starts_on_it_and_serves_reads) {
  const int written = write_until_refused();
  fill();
  s.kill();
  ASSERT_TRUE(s.start()) << (s.start_error ? s.start_error->text : s.fatal_why);
  for (int i = 0; i < written; ++i) ASSERT_TRUE(s.has_node(fmt::format("/n{}", i)));
  ASSERT_TRUE(client->reconnect());
  EXPECT_EQ(client->get("/before"), "x");
  EXPECT_EQ(client->set("/before", "y"), Error::not_read_only);
  make_room();
  s.world.run_for(2500);
  EXPECT_EQ(client->set("/before", "y"), Error::ok);
}

TEST_F(FullDisk, no_session_expires_while_close_session_cannot_be_logged) {
  sim::Client& silent = s.connected(6000);
  ASSERT_EQ(silent.create("/lives", "", 1), Error::ok);
  write_until_refused();
  silent.go_silent();
  s.world.run_for(30'000);
  EXPECT_TRUE(s.has_node("/lives"));
  sim::Client& back = s.client();
  EXPECT_TRUE(back.connect({.timeout_ms = 6000, .session = silent.session(), .password = silent.password()}))
      << "a client that returns finds its session";
  EXPECT_EQ(back.get("/before"), "x");
  make_room();
  s.world.run_for(20'000);
  EXPECT_FALSE(s.has_node("/lives"));
}

TEST_F(FullDisk, snapshots_are_taken_only_above_the_low_water_mark) {
  s.options.snapshots.count = 50;
  s.options.disk.low_water_bytes = 64 * kMib;
  s.kill();
  ASSERT_TRUE(s.start());
  ASSERT_TRUE(client->reconnect());
  const std::string data(20'000, 'd');
  int i = 0;
  while (!s.server->core().snapshots_are_off && i < 4000)
    ASSERT_EQ(client->create(fmt::format("/n{}", i++), data), Error::ok), s.world.run_for(100);
  s.world.run_for(1000);
  const std::int64_t last = s.server->snapshots()->last_zxid();
  for (int more = 0; more < 60; ++more) ASSERT_EQ(client->set("/before", "z"), Error::ok);
  s.world.run_for(1000);
  EXPECT_EQ(s.server->snapshots()->last_zxid(), last);
  EXPECT_EQ(s.server->core().stats.metrics.snapshot_errors, 0);
  make_room();
  s.world.run_for(2500);
  ASSERT_EQ(client->set("/before", "z"), Error::ok);
  s.world.run_for(1000);
  EXPECT_GT(s.server->snapshots()->last_zxid(), last);
}

TEST_F(FullDisk, with_quoll_diskFull_exit_the_server_ends_as_apaches_does) {
  s.options.store.waits_for_space = false;
  s.kill();
  ASSERT_TRUE(s.start());
  ASSERT_TRUE(client->reconnect());
  fill();
  client->send(OpCode::create, CreateRequest{"/big", std::string(50'000, 'd'), sim::open_acl(), 0});
  s.world.run_for(3000);
  EXPECT_EQ(s.fatal, ExitCode::unexpected);
}

// A history with snapshots and new logs, run once for each call that changes the disk.
struct Story {
  explicit Story(ServerWorld& world) : s(world) {}
  void run() {
    sim::Client& client = s.client();
    if (!client.connect()) return;
    for (int i = 0; i < 60; ++i) {
      const std::string path = fmt::format("/n{}", i);
      const Error err = client.create(path, path);
      if (err == Error::ok) acknowledged.push_back(path);
      if (err == Error::not_read_only) ++refused;
      if (s.fatal || client.is_closed()) return;
    }
    s.world.run_for(2000);
    is_complete = true;
  }
  ServerWorld& s;
  std::vector<std::string> acknowledged;
  int refused = 0;
  bool is_complete = false;
};

// Runs the history with one failing call after another. Returns how often the server ended by itself.
int fail_each_call(int code) {
  int ended = 0;
  for (std::int64_t call = 0;; ++call) {
    SCOPED_TRACE(fmt::format("call {} fails with {}", call, code));
    ServerWorld s(static_cast<std::uint64_t>(call));
    s.options.snapshots.count = 20;
    s.options.snapshots.purge_interval_ms = 50;
    s.world.disk.fail_after(call, code);
    Story story(s);
    if (s.start()) story.run();
    if (s.world.disk.changes() <= call) {
      EXPECT_GT(call, 100);
      return ended;
    }
    if (!story.is_complete) ++ended;
    if (!s.world.disk.is_off()) s.kill();
    EXPECT_TRUE(s.start()) << (s.start_error ? s.start_error->text : s.fatal_why);
    if (s.server == nullptr) return -1;
    for (const std::string& path : story.acknowledged) {
      EXPECT_TRUE(s.has_node(path)) << path << " was acknowledged";
      if (!s.has_node(path)) return -1;
    }
    s.state().tree.check_invariants();
    EXPECT_EQ(s.state().digest_mismatches, 0U);
    EXPECT_EQ(s.connected().create("/afterwards"), Error::ok);
    if (::testing::Test::HasFailure()) return -1;
  }
}

TEST(FailingCalls, a_full_disk_at_any_call_loses_nothing_acknowledged_and_the_next_start_succeeds) {
  EXPECT_GE(fail_each_call(ENOSPC), 0);
}
TEST(FailingCalls, an_input_output_error_at_any_call_loses_nothing_acknowledged_and_the_next_start_succeeds) {
  EXPECT_GT(fail_each_call(EIO), 10);
}

// Cuts the power at every event of the world, not only at disk calls: also after each message.
TEST(FailingCalls, a_power_cut_at_any_event_of_a_history_loses_nothing_acknowledged) {
  std::size_t most = 0;
  for (std::int64_t at = 1;; at += 1) {
    SCOPED_TRACE(fmt::format("power cut at event {}", at));
    ServerWorld s(7);
    s.options.snapshots.count = 20;
    s.world.after_step = [&] {
      if (s.world.scheduler.steps() == at) s.world.disk.power_off_after(0), s.fatal = ExitCode::ok;
    };
    Story story(s);
    if (s.start()) story.run();
    s.world.after_step = nullptr;
    if (story.is_complete) {
      EXPECT_GT(at, 500);
      break;
    }
    most = std::max(most, story.acknowledged.size());
    s.kill();
    ASSERT_TRUE(s.start()) << (s.start_error ? s.start_error->text : s.fatal_why);
    for (const std::string& path : story.acknowledged) ASSERT_TRUE(s.has_node(path)) << path << " was acknowledged";
    ASSERT_EQ(s.state().digest_mismatches, 0U);
  }
  EXPECT_GT(most, 55U);
}

// A disk that writes to a wrong place and reports success: the next start recovers everything acknowledged, or refuses.
TEST(FailingCalls, after_any_misdirected_write_the_next_start_has_everything_acknowledged_or_refuses) {
  using Astray = sim::MemoryDisk::Astray;
  constexpr std::int64_t kPlaces = 4;
  int refused = 0;
  int whole = 0;
  for (std::int64_t run = 0;; ++run) {
    const std::int64_t write = run / kPlaces;
    const std::int64_t place = run % kPlaces;
    SCOPED_TRACE(fmt::format("write {} goes astray, place {}", write, place));
    ServerWorld s(static_cast<std::uint64_t>(write));
    s.options.snapshots.count = 20;
    s.world.disk.misdirect_after(write, place == 0 ? Astray::further_on : Astray::other_file,
                                 static_cast<std::uint64_t>(write + place));
    Story story(s);
    if (s.start()) story.run();
    if (!s.world.disk.has_misdirected()) break;
    if (s.server != nullptr) s.stop();
    if (!s.start()) {
      EXPECT_FALSE((s.start_error ? s.start_error->text : s.fatal_why).empty());
      ++refused;
      continue;
    }
    ++whole;
    for (const std::string& path : story.acknowledged) ASSERT_TRUE(s.has_node(path)) << path << " was acknowledged";
    s.state().tree.check_invariants();
    EXPECT_EQ(s.state().digest_mismatches, 0U);
    EXPECT_EQ(s.connected().create("/afterwards"), Error::ok);
  }
  EXPECT_GT(refused, 50);
  EXPECT_GT(whole, 50);
}

}  // namespace
}  // namespace quoll::server
