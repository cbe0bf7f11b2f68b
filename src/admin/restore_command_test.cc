// The command restore over HTTP, in the simulated world: what is replaced, what is refused before anything changes, and
// that a power failure leaves the old state or the new one.
#include "admin/restore_command.h"

#include <gtest/gtest.h>

#include "admin/commands.h"
#include "admin/test_support.h"
#include "http/port.h"
#include "wire/jute.h"

namespace quoll::admin {
namespace {

constexpr std::uint16_t kAdminPort = 8080;
constexpr std::string_view kIdentity = "Authorization: digest a:b\r\n";

// A server with its admin port.
class AdminWorld : public WordWorld {
 public:
  using WordWorld::WordWorld;
  ~AdminWorld() { port.reset(); }

  void serve_http(RestoreCommandOptions restore = {.interval_us = 0}) {
    port.reset();
    commands.emplace(*server, facts, CommandOptions{.snapshot = {.interval_us = 0}, .restore = restore});
    port.emplace(world.env(), http::Options(), *commands);
    ASSERT_TRUE(port->open({.port = kAdminPort}));
  }
  sim::Client& send(std::string_view head, std::string_view body = {}) {
    sim::Client& client = askers.emplace_back(world, kAdminPort);
    client.keep_raw();
    client.dial();
    client.send_raw(head);
    client.send_raw(body);
    return client;
  }
  std::string answer(sim::Client& client) {
    EXPECT_TRUE(world.run_until([&] { return client.is_closed(); }, 60'000));
    return client.raw();
  }
  std::string snapshot() {
    const std::string all =
        answer(send(fmt::format("GET /commands/snapshot HTTP/1.1\r\nConnection: close\r\n{}\r\n", kIdentity)));
    return all.substr(all.find("\r\n\r\n") + 4);
  }
  sim::Client& upload(std::string_view snapshot, std::string_view fields = kIdentity) {
    return send(fmt::format("POST /commands/restore HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n{}\r\n",
                            snapshot.size(), fields),
                snapshot);
  }
  static int status(const std::string& answer) { return std::atoi(answer.c_str() + 9); }

  std::optional<Commands> commands;
  std::optional<http::Port> port;
  std::deque<sim::Client> askers;
};

class RestoreCommandTest : public ::testing::Test {
 public:
  // The server has /a with its first data, a snapshot of that is taken, and then more is written.
  void SetUp() override {
    s.options.snapshots.count = 1000;
    s.serve();
    s.serve_http();
    sim::Client& client = s.connected();
    ASSERT_EQ(client.create("/a", std::string(300'000, 'a')), Error::ok);
    ASSERT_EQ(client.create("/a/b", "old"), Error::ok);
    ASSERT_EQ(client.create("/a/e", "mine", 1), Error::ok);
    owner = client.session();
    taken = s.snapshot();
    before = s.digest();
    zxid_then = s.server->core().zxid();
    ASSERT_EQ(client.set("/a/b", "new"), Error::ok);
    ASSERT_EQ(client.create("/c", "later"), Error::ok);
    zxid_now = s.server->core().zxid();
    now = s.digest();
  }
  void expect_unchanged() {
    EXPECT_EQ(s.digest(), now);
    EXPECT_EQ(s.server->core().zxid(), zxid_now);
    EXPECT_TRUE(s.server->is_serving());
    EXPECT_EQ(leftovers(), 0);
  }
  int leftovers() {
    s.world.run_for(100);
    int count = 0;
    const auto entries = s.world.disk.list("/data/version-2");
    for (const auto& entry : *entries) count += entry.name.starts_with("quoll-tmp.") ? 1 : 0;
    return count;
  }

  AdminWorld s;
  std::int64_t owner = 0;
  std::string taken;
  std::int64_t before = 0;
  std::int64_t now = 0;
  std::int64_t zxid_then = 0;
  std::int64_t zxid_now = 0;
};

TEST_F(RestoreCommandTest, the_state_is_the_snapshots_at_a_new_zxid_and_stays_after_a_restart) {
  const std::string answer = s.answer(s.upload(taken));
  EXPECT_EQ(AdminWorld::status(answer), 200) << answer;
  EXPECT_TRUE(answer.ends_with(
      fmt::format("{{\n  \"last_zxid\" : {},\n  \"command\" : \"restore\",\n  \"error\" : null\n}}", zxid_now + 1)))
      << answer;
  EXPECT_EQ(s.digest(), before);
  EXPECT_EQ(s.data_of("/a/b"), "old");
  EXPECT_FALSE(s.has_node("/c"));
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/after"), Error::ok);
  EXPECT_GT(client.exists("/after")->czxid, zxid_now);
  const std::int64_t last = s.digest();
  s.port.reset();
  s.kill();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.digest(), last);
  EXPECT_TRUE(s.has_node("/after"));
  EXPECT_EQ(s.state().digest_mismatches, 0);
}

TEST_F(RestoreCommandTest, sessions_are_those_of_the_snapshot_and_live_on) {
  sim::Client& later = s.connected(4000);
  EXPECT_EQ(AdminWorld::status(s.answer(s.upload(taken))), 200);
  EXPECT_TRUE(later.is_closed());
  EXPECT_FALSE(later.reconnect()) << "its session is not in the snapshot";
  EXPECT_TRUE(s.state().sessions.contains(owner));
  EXPECT_TRUE(s.has_node("/a/e"));
  s.world.run_for(60'000);
  EXPECT_FALSE(s.has_node("/a/e")) << "its session expires, as after a restart";
  EXPECT_NE(s.connected().session(), owner);
}

TEST_F(RestoreCommandTest, a_snapshot_of_a_newer_state_keeps_its_zxid) {
  const std::string newer = s.snapshot();
  AdminWorld fresh;
  fresh.serve();
  fresh.serve_http();
  const std::string answer = fresh.answer(fresh.upload(newer));
  EXPECT_NE(answer.find(fmt::format("\"last_zxid\" : {},", zxid_now)), std::string::npos) << answer;
  EXPECT_EQ(fresh.digest(), now);
  EXPECT_EQ(fresh.connected().create("/after"), Error::ok);
}

TEST_F(RestoreCommandTest, a_snapshot_of_an_old_version_is_placed_behind_all_that_its_znodes_show) {
  const std::string newer = s.snapshot();
  for (const std::size_t missing : {21, 54}) {
    AdminWorld fresh;
    fresh.serve();
    fresh.serve_http();
    EXPECT_EQ(AdminWorld::status(fresh.answer(fresh.upload(newer.substr(0, newer.size() - missing)))), 200);
    EXPECT_EQ(fresh.digest(), now);
    EXPECT_EQ(fresh.server->core().zxid(), zxid_now);
    EXPECT_EQ(fresh.connected().create("/after"), Error::ok);
  }
}

TEST_F(RestoreCommandTest, what_is_no_whole_snapshot_is_refused_before_anything_changes) {
  std::string flipped = taken;
  flipped[taken.size() / 2] ^= 1;
  std::string version = taken;
  version[7] = 3;
  for (const std::string& wrong :
       {std::string(), std::string("hello"), std::string(20'000, 'x'), std::string(20'000, '\0'), flipped, version,
        taken + "x", taken.substr(0, taken.size() - 1), taken.substr(0, taken.size() / 2), taken.substr(0, 16),
        std::string("\x1f\x8b") + taken, taken + taken}) {
    const std::string answer = s.answer(s.upload(wrong));
    EXPECT_EQ(AdminWorld::status(answer), 500) << answer;
    EXPECT_NE(answer.find("\"error\" : \""), std::string::npos) << answer;
    expect_unchanged();
  }
  EXPECT_EQ(s.server->core().stats.metrics.restore_errors, 12);
  // Behind the znodes there are a seal of 13 bytes, the digest (20) and its seal, the last zxid (8) and its seal. Older
  // versions write the first of these alone, or the first two.
  for (std::size_t at = taken.size() - 70; at < taken.size(); ++at) {
    if (at == taken.size() - 21 || at == taken.size() - 54) continue;
    EXPECT_EQ(AdminWorld::status(s.answer(s.upload(taken.substr(0, at)))), 500) << at;
  }
  expect_unchanged();
}

TEST_F(RestoreCommandTest, a_client_that_leaves_changes_nothing_and_the_next_may_restore) {
  sim::Client& leaver =
      s.send(fmt::format("POST /commands/rest HTTP/1.1\r\nContent-Length: {}\r\n{}\r\n", taken.size(), kIdentity),
             taken.substr(0, 200'000));
  s.world.run_for(500);
  EXPECT_EQ(AdminWorld::status(s.answer(s.upload(taken))), 429) << "another is under way";
  leaver.drop();
  expect_unchanged();
  EXPECT_EQ(AdminWorld::status(s.answer(s.upload(taken))), 200);
}

TEST_F(RestoreCommandTest, a_refused_client_is_answered_before_it_sends_if_it_waits_and_after_it_has_sent_if_not) {
  sim::Client& waiting = s.send(fmt::format(
      "POST /commands/restore HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", taken.size()));
  const std::string answer = s.answer(waiting);
  EXPECT_EQ(AdminWorld::status(answer), 401) << answer;
  EXPECT_EQ(AdminWorld::status(s.answer(s.upload(taken, ""))), 401);
  sim::Client& welcome = s.send(
      fmt::format("POST /commands/restore HTTP/1.1\r\nConnection: close\r\nExpect: 100-continue\r\nTransfer-Encoding: "
                  "chunked\r\n{}\r\n",
                  kIdentity));
  ASSERT_TRUE(s.world.run_until([&] { return welcome.raw().starts_with("HTTP/1.1 100"); }, 10'000));
  welcome.send_raw(fmt::format("{:x}\r\n", taken.size()));
  welcome.send_raw(taken + "\r\n0\r\n\r\n");
  EXPECT_NE(s.answer(welcome).find("200 OK"), std::string::npos);
  EXPECT_EQ(s.digest(), before);
}

TEST_F(RestoreCommandTest, it_can_be_turned_off_is_limited_in_rate_and_is_a_post) {
  s.serve_http({.interval_us = 300'000});
  EXPECT_EQ(AdminWorld::status(s.answer(s.upload("x"))), 500);
  EXPECT_EQ(AdminWorld::status(s.answer(s.upload(taken))), 429);
  EXPECT_EQ(s.server->core().stats.metrics.restores_rate_limited, 1);
  EXPECT_EQ(AdminWorld::status(s.answer(s.send("GET /commands/restore HTTP/1.1\r\nConnection: close\r\n\r\n"))), 405);
  s.serve_http({.enabled = false});
  EXPECT_EQ(AdminWorld::status(s.answer(s.upload(taken))), 503);
  s.serve_http();
  s.server->core().snapshots_are_off = true;
  EXPECT_EQ(AdminWorld::status(s.answer(s.upload(taken))), 500);
  s.server->core().snapshots_are_off = false;
  expect_unchanged();
}

TEST_F(RestoreCommandTest, clients_write_until_the_snapshot_has_come_and_lose_nothing_when_it_is_bad) {
  sim::Client& client = s.connected();
  std::string bad = taken;
  bad.back() ^= 1;
  sim::Client& uploader = s.upload(bad);
  int written = 0;
  while (!uploader.is_closed()) {
    ASSERT_EQ(client.create(fmt::format("/w{}", written++)), Error::ok);
    s.world.run_for(1);
  }
  EXPECT_EQ(AdminWorld::status(uploader.raw()), 500);
  EXPECT_GT(written, 1);
  for (int i = 0; i < written; ++i) EXPECT_TRUE(s.has_node(fmt::format("/w{}", i)));
}

TEST_F(RestoreCommandTest, a_restore_in_the_middle_of_writes_leaves_the_snapshots_state) {
  sim::Client& client = s.connected();
  sim::Client& uploader = s.upload(taken);
  for (int i = 0; i < 400 && !client.is_closed(); ++i) {
    client.create(fmt::format("/w{}", i));
    if (uploader.is_closed()) break;
  }
  EXPECT_EQ(AdminWorld::status(s.answer(uploader)), 200);
  EXPECT_EQ(s.digest(), before);
  EXPECT_EQ(s.connected().create("/after"), Error::ok);
}

// One power failure at each call to the disk, from the beginning of the upload on.
TEST_F(RestoreCommandTest, a_power_failure_leaves_the_old_state_or_the_new_one) {
  bool is_over = false;
  int olds = 0;
  int news = 0;
  for (int calls = 0; !is_over; ++calls) {
    SCOPED_TRACE(fmt::format("power cut at call {}", calls));
    ASSERT_LT(calls, 300);
    s.serve_http();
    if (!s.has_node("/c")) {
      sim::Client& client = s.connected();
      ASSERT_EQ(client.set("/a/b", "new"), Error::ok);
      ASSERT_EQ(client.create("/c", "later"), Error::ok);
    }
    s.world.run_for(2000);
    s.world.disk.power_off_after(calls);
    sim::Client& uploader = s.upload(taken);
    s.world.run_until([&] { return uploader.is_closed() || s.world.disk.is_off(); }, 20'000);
    const bool is_done = uploader.is_closed() && AdminWorld::status(uploader.raw()) == 200;
    is_over = is_done && !s.world.disk.is_off();
    s.port.reset();
    s.kill();
    ASSERT_TRUE(s.start()) << (s.start_error ? s.start_error->text : s.fatal_why);
    const bool is_old = s.has_node("/c");
    ++(is_old ? olds : news);
    EXPECT_EQ(s.data_of("/a/b"), is_old ? "new" : "old");
    EXPECT_FALSE(is_old && is_done);
    EXPECT_EQ(s.state().digest_mismatches, 0);
  }
  EXPECT_GT(olds, 3);
  EXPECT_GT(news, 3);
}

}  // namespace
}  // namespace quoll::admin
