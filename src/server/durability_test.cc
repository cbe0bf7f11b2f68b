// Acknowledged writes survive a power cut at any time, and a write that cannot be made durable is never acknowledged.
#include <cerrno>

#include "server/test_support.h"

namespace quoll::server {
namespace {

using sim::MemoryDisk;

// Concurrent writes and their results.
struct Script {
  explicit Script(ServerWorld& world) : s(world) {}

  void run() {
    sim::Client& client = s.client();
    if (!client.connect()) return;
    for (int round = 0; round < 12; ++round) {
      std::vector<std::pair<std::int32_t, std::string>> sent;
      for (int i = 0; i < 4; ++i) {
        const std::string path = fmt::format("/r{}n{}", round, i);
        sent.emplace_back(client.send(OpCode::create, CreateRequest{path, path, sim::open_acl(), 0}), path);
      }
      s.world.run_until([&] { return s.fatal || client.is_closed() || client.reply(sent.back().first) != nullptr; },
                        10'000);
      // Messages that are on the wire when the server ends still arrive.
      if (s.fatal) s.world.run_for(10);
      for (const auto& [xid, path] : sent) {
        const sim::Arrival* const reply = client.reply(xid);
        if (reply != nullptr && reply->err == Error::ok) acknowledged[path] = reply->zxid;
      }
      if (s.fatal || client.is_closed()) return;
    }
    is_complete = true;
  }

  void verify() {
    for (const auto& [path, zxid] : acknowledged) {
      ASSERT_TRUE(s.has_node(path)) << path << " was acknowledged";
      EXPECT_EQ(s.data_of(path), path);
      EXPECT_LE(zxid, s.server->core().zxid());
    }
    s.state().tree.check_invariants();
    EXPECT_EQ(s.state().digest_mismatches, 0U);
    EXPECT_EQ(s.connected().create("/afterwards"), Error::ok);
  }

  ServerWorld& s;
  std::map<std::string, std::int64_t> acknowledged;
  bool is_complete = false;
};

enum class Loss { everything, by_chance };

void cut_at_every_effect(Loss loss) {
  std::size_t most = 0;
  for (std::int64_t calls = 0;; ++calls) {
    SCOPED_TRACE(fmt::format("power cut at call {}", calls));
    ServerWorld s(static_cast<std::uint64_t>(calls));
    s.options.snapshots.count = 20;
    s.world.disk.power_off_after(calls);
    Script script(s);
    if (s.start()) script.run();
    if (script.is_complete) {
      EXPECT_GT(calls, 30);
      break;
    }
    most = std::max(most, script.acknowledged.size());
    base::Prng chance(static_cast<std::uint64_t>(calls) + 1000);
    loss == Loss::everything ? s.kill() : s.kill(chance);
    ASSERT_TRUE(s.start()) << (s.start_error ? s.start_error->text : s.fatal_why);
    script.verify();
    if (::testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(most, 30U);
}

TEST(Durability, acknowledged_writes_survive_a_power_cut_at_any_disk_operation) {
  cut_at_every_effect(Loss::everything);
}
TEST(Durability, acknowledged_writes_survive_a_power_cut_after_partial_writeback) {
  cut_at_every_effect(Loss::by_chance);
}

TEST(Durability, after_a_failed_fsync_the_server_ends_and_acknowledges_nothing_more) {
  for (const auto call : {MemoryDisk::Call::sync, MemoryDisk::Call::write}) {
    ServerWorld s;
    ASSERT_TRUE(s.start());
    sim::Client& client = s.connected();
    ASSERT_EQ(client.create("/before"), Error::ok);
    s.world.disk.inject({.call = call, .path_part = "log."});
    const auto failed = client.send(OpCode::create, CreateRequest{"/failed", "", sim::open_acl(), 0});
    const auto after = client.send(OpCode::create, CreateRequest{"/after", "", sim::open_acl(), 0});
    s.world.run_for(5000);
    const auto read = client.send(OpCode::exists, WatchedReadRequest{"/failed", false});
    s.world.run_for(5000);
    EXPECT_EQ(s.fatal, ExitCode::unexpected);
    EXPECT_EQ(client.reply(failed), nullptr);
    EXPECT_EQ(client.reply(after), nullptr);
    EXPECT_EQ(client.reply(read), nullptr);
    s.kill();
    s.world.disk.clear_faults();
    ASSERT_TRUE(s.start());
    EXPECT_TRUE(s.has_node("/before"));
  }
}

TEST(Durability, a_hanging_disk_delays_the_write_and_reads_after_it_but_not_other_clients) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& writer = s.connected();
  sim::Client& reader = s.connected();
  s.world.workers.hang();
  const auto write = writer.send(OpCode::create, CreateRequest{"/a", "", sim::open_acl(), 0});
  s.world.run_for(3000);
  EXPECT_EQ(writer.reply(write), nullptr);
  EXPECT_FALSE(reader.exists("/a"));
  EXPECT_TRUE(reader.exists("/"));
  s.world.workers.go_on();
  ASSERT_NE(writer.wait(write), nullptr);
  EXPECT_TRUE(reader.exists("/a"));
}

TEST(Durability, a_snapshot_that_fails_on_a_full_disk_does_no_harm_and_the_next_one_succeeds) {
  ServerWorld s;
  s.options.snapshots.count = 20;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  s.world.disk.inject({.call = MemoryDisk::Call::write, .path_part = "snapshot.", .code = ENOSPC, .times = 1000});
  for (int i = 0; i < 60; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
  s.world.run_for(1000);
  EXPECT_GT(s.server->core().stats.metrics.snapshot_errors, 0);
  EXPECT_FALSE(s.fatal);
  s.world.disk.clear_faults();
  for (int i = 60; i < 120; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
  s.world.run_for(1000);
  EXPECT_GT(s.server->snapshots()->last_zxid(), 60);
  const std::int64_t digest = s.digest();
  s.kill();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.digest(), digest);
}

TEST(Durability, an_empty_server_whose_first_snapshot_fails_does_not_serve) {
  ServerWorld s;
  s.world.disk.inject({.call = MemoryDisk::Call::write, .path_part = "snapshot.", .code = ENOSPC, .times = 1000});
  EXPECT_FALSE(s.start());
  EXPECT_EQ(s.fatal, ExitCode::snapshot);
}

TEST(Durability, two_servers_never_share_a_data_directory) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  Options options = s.options;
  options.client_ports[0].port = 2182;
  Server second(s.world.env(), options, [](ExitCode, std::string_view) {});
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ExitCode::data_dir);
  EXPECT_EQ(s.connected().create("/a"), Error::ok);
}

TEST(Durability, the_durable_mark_is_durable_itself_a_second_after_the_last_write) {
  const std::string path = "/data/version-2/quoll.durable";
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
  ASSERT_NE(s.world.disk.durable_content(path), s.world.disk.content(path)) << "not at each write";
  s.world.run_for(1500);
  EXPECT_EQ(s.world.disk.durable_content(path), s.world.disk.content(path));
}

TEST(Durability, a_durable_mark_that_cannot_be_synced_ends_the_server) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  ASSERT_EQ(client.create("/a"), Error::ok);
  s.world.disk.inject({.call = MemoryDisk::Call::sync, .path_part = "quoll.durable", .code = EIO});
  ASSERT_EQ(client.create("/b"), Error::ok);
  s.world.run_for(1500);
  EXPECT_EQ(s.fatal, ExitCode::unexpected);
}

}  // namespace
}  // namespace quoll::server
