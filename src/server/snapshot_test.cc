// A snapshot walks a tree that changes meanwhile. Together with the log it must give the same tree again.
#include "server/test_support.h"

namespace quoll::server {
namespace {

// Everything that a client can see, by path.
std::map<std::string, std::string> picture(ServerWorld& s) {
  std::map<std::string, std::string> all;
  const tree::Tree& tree = s.state().tree;
  for (tree::NodeId id = tree::kRoot; id != tree::kNoNode; id = tree.next_depth_first(id)) {
    const tree::Node& node = tree.node(id);
    std::string text;
    wire::Writer writer(text);
    writer.put(node.stat);
    writer.put(node.data());
    writer.put(tree.acl_of(id).entries());
    all[tree.path_of(id)] = text;
  }
  return all;
}

void random_request(sim::Client& client, base::Prng& chance) {
  const std::string path = fmt::format("/d{}/n{}", chance.below(20), chance.below(100));
  const std::string data(chance.below(300), 'x');
  switch (chance.below(6)) {
    case 0:
    case 1:
      client.send(OpCode::create,
                  CreateRequest{path, data, sim::open_acl(), static_cast<std::int32_t>(chance.below(4))});
      break;
    case 2:
      client.send(OpCode::remove, DeleteRequest{path, -1});
      break;
    case 3:
      client.send(OpCode::set_data, SetDataRequest{path, data, -1});
      break;
    case 4: {
      const std::string id = fmt::format("10.0.0.{}", chance.below(50));
      client.send(OpCode::set_acl,
                  SetAclRequest{path, std::vector<AclView>{AclView{31, "ip", id}, AclView{31, "world", "anyone"}}, -1});
      break;
    }
    default:
      client.send_multi(
          {{OpCode::remove, DeleteRequest{path, -1}}, {OpCode::create, CreateRequest{path, data, sim::open_acl(), 0}}});
  }
}

TEST(Snapshots, taken_during_writes_they_restore_the_same_tree) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    ServerWorld s(seed);
    s.options.snapshots.count = 700;
    s.options.limits.client_connections_max = 0;
    ASSERT_TRUE(s.start());
    base::Prng chance(seed);
    std::vector<sim::Client*> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(&s.connected(60000));
    for (int i = 0; i < 20; ++i) ASSERT_EQ(clients[0]->create(fmt::format("/d{}", i)), Error::ok);
    int walked_along = 0;
    int sessions_along = 0;
    std::int64_t logged = -1;
    std::size_t opened = 0;
    s.world.after_step = [&] {
      const std::int64_t now = s.server->core().zxid();
      const bool is_running = s.server->snapshots()->is_running();
      if (is_running && now != logged) ++walked_along;
      if (is_running && s.state().sessions.size() != opened) ++sessions_along;
      logged = now;
      opened = s.state().sessions.size();
    };
    for (int i = 0; i < 3000; ++i) {
      random_request(*clients[chance.below(3)], chance);
      // Sessions are opened and closed meanwhile.
      if (chance.below(10) == 0) {
        sim::Client& passing = s.client();
        passing.dial();
        passing.greet({.timeout_ms = 60000});
        if (chance.below(2) == 0) passing.send(OpCode::close_session, EmptyRequest{});
      }
      if (chance.below(20) == 0) s.world.run_for(1);
    }
    s.world.run_for(3000);
    s.world.after_step = nullptr;
    EXPECT_GT(walked_along, 5);
    EXPECT_GT(sessions_along, 0);
    EXPECT_GT(s.state().sessions.size(), 10U);
    EXPECT_EQ(s.state().digest_mismatches, 0U);
    const auto before = picture(s);
    const std::int64_t digest = s.digest();
    const auto sessions = s.state().sessions;
    seed % 2 == 0 ? s.kill() : s.stop();
    ASSERT_TRUE(s.start());
    EXPECT_EQ(s.digest(), digest);
    EXPECT_EQ(picture(s), before);
    EXPECT_EQ(s.state().sessions, sessions);
    EXPECT_EQ(s.state().digest_mismatches, 0U);
    s.state().tree.check_invariants();
  }
}

// Until replay reaches the end of the snapshot, the tree matches no state that a server had. As in Apache's server,
// `hash` lists no digest of it.
TEST(Snapshots, taken_during_writes_they_list_no_digest_before_their_end) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client* client = &s.connected();
  ASSERT_EQ(client->create("/a"), Error::ok);
  const auto write = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_EQ(client->set("/a", fmt::format("{}", i)), Error::ok);
  };
  const auto listed = [&] {
    std::map<std::int64_t, std::int64_t> all;
    for (const machine::ZxidDigest& entry : s.state().digest_log) all[entry.zxid] = entry.digest;
    return all;
  };
  write(300);
  s.kill();
  ASSERT_TRUE(s.start());
  s.world.run_for(1000);
  client = &s.connected();
  write(300);
  const auto before = listed();
  s.kill();
  // The snapshot of the second process, made to look as if it had been begun much earlier.
  const std::string folder = "/data/version-2";
  const auto name = std::ranges::max(s.world.disk.durable_names(folder), {}, [](const std::string& file) {
    return file.starts_with("snapshot.") ? std::stoll(file.substr(9), nullptr, 16) : -1;
  });
  const std::int64_t end = std::stoll(name.substr(9), nullptr, 16);
  ASSERT_GT(end, 256);
  s.world.disk.put(folder + "/snapshot.64", s.world.disk.content(folder + "/" + name));
  ASSERT_TRUE(s.world.disk.remove(folder + "/" + name));
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.state().digest_mismatches, 0U);
  const auto after = listed();
  ASSERT_FALSE(after.empty());
  EXPECT_GT(after.begin()->first, end);
  for (const auto& [zxid, digest] : after) EXPECT_EQ(before.at(zxid), digest) << zxid;
}

TEST(Snapshots, at_most_4_mib_and_a_slice_wait_for_a_hanging_disk_and_the_file_is_complete) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  for (int i = 0; i < 60; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i), std::string(200'000, 'x')), Error::ok);
  const auto before = picture(s);
  s.world.workers.hang();
  s.server->snapshots()->take();
  std::size_t most = 0;
  s.world.after_step = [&] { most = std::max(most, s.server->snapshots()->pending_bytes()); };
  s.world.run_for(1000);
  EXPECT_TRUE(s.server->snapshots()->is_running());
  EXPECT_GT(most, std::size_t{4} << 20);
  EXPECT_LE(most, (std::size_t{4} << 20) + 256 * 1024 + 200'100);
  s.world.workers.go_on();
  ASSERT_TRUE(s.world.run_until([&] { return !s.server->snapshots()->is_running(); }, 60'000));
  s.world.after_step = nullptr;
  s.stop();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(picture(s), before);
}

TEST(Snapshots, the_tree_after_every_transaction_has_its_digest) {
  for (std::uint64_t seed = 20; seed < 26; ++seed) {
    ServerWorld s(seed);
    ASSERT_TRUE(s.start());
    base::Prng chance(seed);
    for (int round = 0; round < 5; ++round) {
      sim::Client& client = s.connected(6000);
      for (int i = 0; i < 10; ++i)
        client.send(OpCode::create, CreateRequest{fmt::format("/d{}", i), "", sim::open_acl(), 0});
      for (int i = 0; i < 200; ++i) random_request(client, chance);
      if (round % 2 == 0) client.send(OpCode::close_session, EmptyRequest{});
      s.world.run_for(200);
    }
    s.world.run_for(20000);
    EXPECT_EQ(s.state().digest_mismatches, 0U);
    EXPECT_EQ(s.state().tree.ephemerals_count(), 0);
    s.state().tree.check_invariants();
  }
}

TEST(Snapshots, quota_usage_is_recomputed_after_recovery) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  const std::string stats = "/zookeeper/quota/q/zookeeper_stats";
  ASSERT_EQ(client.create("/q", "abc"), Error::ok);
  ASSERT_EQ(client.create("/zookeeper/quota/q"), Error::ok);
  ASSERT_EQ(client.create("/zookeeper/quota/q/zookeeper_limits", "count=100,bytes=1000"), Error::ok);
  client.create(stats, "");
  ASSERT_EQ(client.create("/q/below", "de"), Error::ok);
  ASSERT_EQ(client.set(stats, "count=77,bytes=77"), Error::ok);
  const auto before = tree::StatsTrack::parse(s.data_of(stats));
  ASSERT_TRUE(before && before->count() == 77) << "a client wrote a wrong value there";
  s.kill();
  ASSERT_TRUE(s.start());
  const auto after = tree::StatsTrack::parse(s.data_of(stats));
  ASSERT_TRUE(after);
  EXPECT_EQ(after->count(), 2);
  EXPECT_EQ(after->bytes(), 5);
}

TEST(Snapshots, purging_keeps_what_a_restart_needs) {
  ServerWorld s;
  s.options.snapshots.count = 20;
  s.options.snapshots.purge_interval_ms = 3'600'000;
  s.options.snapshots.purge_retain = 3;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
  const std::size_t before = s.world.disk.list("/data/version-2")->size();
  s.world.run_for(3'700'000);
  EXPECT_LT(s.world.disk.list("/data/version-2")->size(), before);
  EXPECT_FALSE(s.world.disk.stat("/data/version-2/log.1")->has_value()) << "a new log begins with each snapshot";
  const std::int64_t digest = s.digest();
  s.kill();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.digest(), digest);
  EXPECT_TRUE(s.has_node("/n0"));
}

TEST(Snapshots, after_a_failed_snapshot_nothing_is_purged_until_one_succeeds) {
  constexpr std::int64_t kPurgeMs = 600'000;
  ServerWorld s;
  s.options.snapshots.count = 20;
  s.options.snapshots.purge_interval_ms = kPurgeMs;
  s.options.snapshots.purge_retain = 3;
  ASSERT_TRUE(s.start());
  int made = 0;
  const auto create_some = [&] {
    sim::Client& client = s.connected();
    for (int i = 0; i < 200; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", ++made)), Error::ok);
    s.world.run_for(1000);
  };
  const auto files = [&] {
    std::vector<std::string> names;
    const auto entries = s.world.disk.list("/data/version-2");
    for (const env::DirectoryEntry& entry : *entries) names.push_back(entry.name);
    return names;
  };
  create_some();
  const std::int64_t newest = s.server->snapshots()->last_zxid();
  s.world.disk.inject({.call = sim::MemoryDisk::Call::write, .path_part = "snapshot.", .code = ENOSPC, .times = 1000});
  create_some();
  EXPECT_GT(s.server->core().stats.metrics.snapshot_errors, 0);
  EXPECT_EQ(s.server->snapshots()->last_zxid(), newest);
  const std::vector<std::string> before = files();
  s.world.run_for(kPurgeMs);
  const std::vector<std::string> after = files();
  for (const std::string& name : before) EXPECT_TRUE(std::ranges::find(after, name) != after.end()) << name;
  EXPECT_TRUE(s.world.log.has("Old files are not purged"));

  s.world.disk.clear_faults();
  create_some();
  EXPECT_GT(s.server->snapshots()->last_zxid(), newest);
  s.world.run_for(kPurgeMs);
  EXPECT_LT(files().size(), before.size());
  const std::int64_t digest = s.digest();
  s.kill();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.digest(), digest);
}

// A fuzzy snapshot restored from a backup without its log is newer than its name, and no log completes it.
TEST(Snapshots, a_fuzzy_snapshot_without_its_log_is_written_completely_again) {
  ServerWorld s;
  ASSERT_TRUE(s.world.disk.make_directories("/data/version-2"));
  const auto worker = s.world.workers.start("snapshot");
  store::SnapshotWriter writer(s.world.disk, *worker, "/data/version-2", s.options.store, Zxid{1});
  StatPersisted newer;
  newer.czxid = newer.mzxid = newer.pzxid = 7;
  writer.sessions({});
  writer.acl_count(0);
  writer.node("", "", -1, {});
  writer.node("/a", "", -1, newer);
  writer.node("/a/b", "", -1, {});
  bool is_written = false;
  writer.finish({}, {}, [&](auto result) { is_written = result.has_value(); });
  ASSERT_TRUE(s.world.run_until([&] { return is_written; }));
  for (int life = 0; life < 3; ++life) {
    ASSERT_TRUE(s.start()) << s.start_error->text;
    s.world.run_for(1000);
    EXPECT_TRUE(s.has_node("/a")) << life;
    EXPECT_TRUE(s.has_node("/a/b")) << life;
    EXPECT_EQ(s.connected().create(fmt::format("/n{}", life)), Error::ok);
    s.stop();
  }
}

// A list that is released while the tree is walked keeps its id until the walk ends, because the file's head has that
// id.
TEST(Snapshots, a_snapshot_restored_without_its_log_gives_no_znode_the_acl_of_another) {
  ServerWorld s;
  s.options.snapshots.slice_nodes = 1;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  const AclViews of_first = std::vector<AclView>{AclView{31, "ip", "10.0.0.1"}};
  ASSERT_EQ(client.call(OpCode::create, CreateRequest{"/first", "", of_first, 0})->err, Error::ok);
  ASSERT_EQ(client.create("/second"), Error::ok);
  ASSERT_TRUE(s.world.run_until([&] { return !s.server->snapshots()->is_running(); }, 60'000));
  s.server->snapshots()->take();
  ASSERT_TRUE(s.server->snapshots()->is_running()) << "the root alone has been walked";
  tree::Tree& tree = s.state().tree;
  const AclList secret{Acl{31, Id{"ip", "10.9.9.9"}}};
  const tree::AclId freed = tree.node(tree.find("/first")).acl;
  tree.remove("/first", tree.find("/first"));
  const tree::AclId acl = tree.acls().acquire(secret);
  EXPECT_NE(acl, freed);
  tree.set_acl("/second", tree.find("/second"), acl, 1);
  ASSERT_TRUE(s.world.run_until([&] { return !s.server->snapshots()->is_running(); }, 60'000));
  EXPECT_EQ(tree.acls().acquire({Acl{31, Id{"ip", "10.8.8.8"}}}), freed) << "free again";

  const std::string path = fmt::format("/data/version-2/snapshot.{:x}", s.server->snapshots()->last_zxid());
  ServerWorld backup;
  ASSERT_TRUE(backup.world.disk.make_directories("/data/version-2"));
  backup.world.disk.put(path, s.world.disk.content(path));
  ASSERT_TRUE(backup.start()) << backup.start_error->text;
  const tree::Tree& restored = backup.state().tree;
  ASSERT_TRUE(backup.has_node("/second"));
  EXPECT_EQ(restored.acl_of(restored.find("/second")).entries(), (AclList{Acl{0, Id{"world", "anyone"}}}))
      << "nobody's, until the log tells whose";
}

TEST(Snapshots, snapshots_at_the_last_possible_zxid_are_refused) {
  for (const std::int64_t zxid : {0x7ffffffe00000001, 0x7fffffff00000000, INT64_MAX}) {
    ServerWorld s;
    ASSERT_TRUE(s.world.disk.make_directories("/data/version-2"));
    const auto worker = s.world.workers.start("snapshot");
    store::SnapshotWriter writer(s.world.disk, *worker, "/data/version-2", s.options.store, Zxid{zxid});
    writer.sessions({});
    writer.acl_count(0);
    writer.node("", "", -1, {});
    bool is_written = false;
    writer.finish({}, {}, [&](auto result) { is_written = result.has_value(); });
    ASSERT_TRUE(s.world.run_until([&] { return is_written; }));
    EXPECT_EQ(s.start(), zxid == 0x7ffffffe00000001) << zxid;
  }
}

TEST(Snapshots, snapshots_with_invalid_paths_are_refused) {
  for (const std::string_view path : {"/good", "//x", "/a/", "x"}) {
    ServerWorld s;
    ASSERT_TRUE(s.world.disk.make_directories("/data/version-2"));
    const auto worker = s.world.workers.start("snapshot");
    store::SnapshotWriter writer(s.world.disk, *worker, "/data/version-2", s.options.store, Zxid{1});
    writer.sessions({});
    writer.acl_count(0);
    writer.node("", "", -1, {});
    writer.node("/a", "", -1, {});
    writer.node(path, "", -1, {});
    bool is_written = false;
    writer.finish({}, {}, [&](auto result) { is_written = result.has_value(); });
    ASSERT_TRUE(s.world.run_until([&] { return is_written; }));
    EXPECT_EQ(s.start(), path == "/good") << path;
  }
}

// In Apache such a snapshot's ephemeral is a lock that is held forever by nobody. The session is closed by a normal
// transaction, so that later changes of the same path survive a crash before the next snapshot.
TEST(Snapshots, ephemerals_of_unlisted_sessions_are_deleted_at_the_start) {
  ServerWorld s;
  s.options.rules.owner_rules.extended = false;
  ASSERT_TRUE(s.world.disk.make_directories("/data/version-2"));
  const auto worker = s.world.workers.start("snapshot");
  store::SnapshotWriter writer(s.world.disk, *worker, "/data/version-2", s.options.store, Zxid{1});
  constexpr std::int64_t kListed = 0x100000000000001;
  const auto owned_by = [](std::int64_t owner) {
    StatPersisted stat;
    stat.ephemeral_owner = owner;
    return stat;
  };
  writer.sessions({{kListed, 30000}});
  writer.acl_count(0);
  writer.node("", "", -1, {});
  writer.node("/listed", "", -1, owned_by(kListed));
  writer.node("/stray", "", -1, owned_by(kListed + 1));
  writer.node("/ttl", "", -1, owned_by(ttl_owner(1000)));
  bool is_written = false;
  writer.finish({}, {}, [&](auto result) { is_written = result.has_value(); });
  ASSERT_TRUE(s.world.run_until([&] { return is_written; }));
  for (const char* const folder : {"/data", "/"}) ASSERT_TRUE(s.world.disk.sync_directory(folder));
  ASSERT_TRUE(s.start()) << s.start_error->text;
  sim::Client& client = s.connected();
  EXPECT_EQ(client.create("/stray"), Error::ok);
  EXPECT_TRUE(s.has_node("/listed"));
  EXPECT_TRUE(s.has_node("/ttl")) << "a start without extendedTypesEnabled deletes no TTL node";
  s.kill();
  ASSERT_TRUE(s.start()) << (s.start_error ? s.start_error->text : s.fatal_why);
  EXPECT_TRUE(s.has_node("/stray"));
  EXPECT_TRUE(s.has_node("/listed"));
}

}  // namespace
}  // namespace quoll::server
