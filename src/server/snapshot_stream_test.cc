// A learner gets the state while it changes. Together with the transactions after its start it must give the same
// state.
#include "server/snapshot_stream.h"

#include "server/test_support.h"
#include "store/file_names.h"
#include "store/snapshot_receiver.h"

namespace quoll::server {
namespace {

const std::string kStreamDir = "/data/version-2";

class Ignored : public store::SnapshotVisitor {
 public:
  bool on_session(std::int64_t, std::int32_t) override { return true; }
  bool on_acl(std::int64_t, AclList) override { return true; }
  bool on_node(std::string_view, base::NullableView, std::int64_t, const StatPersisted&) override { return true; }
};

// A learner's link that takes at most so much at a time.
struct Learner {
  explicit Learner(ServerWorld& world)
      : stream(std::make_unique<SnapshotStream>(
            world.server->core(),
            [this](std::string&& some) {
              EXPECT_LE(some.size(), std::size_t{256} << 10);
              queued += some.size();
              most_queued = std::max(most_queued, queued);
              bytes += some;
            },
            [this] { return queued; },
            [this] {
              is_done = true;
              stream.reset();
            })) {
    start = stream->start();
  }
  std::string bytes;
  std::size_t queued = 0;
  std::size_t most_queued = 0;
  bool is_done = false;
  Zxid start;
  std::unique_ptr<SnapshotStream> stream;
};

struct Picture {
  std::map<std::string, std::string> nodes;
  std::unordered_map<std::int64_t, std::int32_t> sessions;
  friend bool operator==(const Picture&, const Picture&) = default;
};

Picture picture_of(ServerWorld& s) {
  Picture all{{}, s.state().sessions};
  const tree::Tree& tree = s.state().tree;
  for (tree::NodeId id = tree::kRoot; id != tree::kNoNode; id = tree.next_depth_first(id)) {
    std::string text;
    wire::Writer writer(text);
    writer.put(tree.node(id).stat);
    writer.put(tree.node(id).data());
    writer.put(tree.acl_of(id).entries());
    all.nodes[tree.path_of(id)] = text;
  }
  return all;
}

// Makes the snapshot of a directory of its own out of what the learner got, and adds the logs.
void give(const std::string& bytes, Zxid at, sim::MemoryDisk& logs, ServerWorld& to) {
  store::DataDirs dirs = *store::DataDirs::open(to.world.disk, to.options.store, to.world.log);
  const std::unique_ptr<env::Worker> worker = to.world.workers.start("receive");
  Ignored visitor;
  store::SnapshotReceiver receiver(dirs, *worker, to.options.store, at, visitor);
  ASSERT_EQ(receiver.take(bytes).value(), bytes.size());
  ASSERT_TRUE(receiver.is_complete());
  std::optional<store::ReceivedSnapshot> received;
  receiver.finish([&](auto done) { received = *done; });
  ASSERT_TRUE(to.world.run_until([&] { return received.has_value(); }));
  ASSERT_TRUE(store::install_snapshot(dirs, *received, store::Loss::none, 0));
  ASSERT_TRUE(to.world.disk.remove(kStreamDir + "/quoll.durable"));
  for (const std::string& name : logs.durable_names(kStreamDir)) {
    if (store::log_zxid(name)) to.world.disk.put(kStreamDir + "/" + name, logs.content(kStreamDir + "/" + name));
  }
}

void random_change(sim::Client& client, base::Prng& chance) {
  const std::string path = fmt::format("/d{}/n{}", chance.below(20), chance.below(100));
  const std::string data(chance.below(300), 'x');
  switch (chance.below(5)) {
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
    default: {
      const std::string id = fmt::format("10.0.0.{}", chance.below(50));
      client.send(OpCode::set_acl,
                  SetAclRequest{path, std::vector<AclView>{AclView{31, "ip", id}, AclView{31, "world", "anyone"}}, -1});
    }
  }
}

TEST(SnapshotStream, several_at_once_and_a_file_give_the_same_state_after_replay) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    ServerWorld s(seed);
    s.options.limits.client_connections_max = 0;
    s.options.snapshots.slice_nodes = seed % 2 == 0 ? 500 : 7;
    ASSERT_TRUE(s.start());
    base::Prng chance(seed);
    std::vector<sim::Client*> clients;
    for (int i = 0; i < 3; ++i) clients.push_back(&s.connected(60000));
    for (int i = 0; i < 20; ++i) ASSERT_EQ(clients[0]->create(fmt::format("/d{}", i)), Error::ok);
    std::deque<Learner> learners;
    int walked_along = 0;
    for (int i = 0; i < 2000; ++i) {
      random_change(*clients[chance.below(3)], chance);
      if (chance.below(10) == 0) {
        sim::Client& passing = s.client();
        passing.dial();
        passing.greet({.timeout_ms = 60000});
        if (chance.below(2) == 0) passing.send(OpCode::close_session, EmptyRequest{});
      }
      if (i == 900 || i == 910 || i == 1300) learners.emplace_back(s);
      if (i == 905) s.server->snapshots()->take();
      for (Learner& learner : learners) {
        learner.queued -= std::min<std::size_t>(learner.queued, chance.below(20'000));
        if (!learner.is_done) ++walked_along;
      }
      if (chance.below(20) == 0) s.world.run_for(1);
    }
    for (Learner& learner : learners) {
      learner.queued = 0;
      ASSERT_TRUE(s.world.run_until([&] { return learner.is_done; }));
    }
    s.world.run_for(3000);
    EXPECT_GT(walked_along, 2);
    s.state().tree.check_invariants();
    const Picture expected = picture_of(s);
    s.stop();
    for (const Learner& learner : learners) {
      ServerWorld other(seed + 100);
      give(learner.bytes, learner.start, s.world.disk, other);
      ASSERT_TRUE(other.start()) << other.start_error->text;
      EXPECT_TRUE(picture_of(other) == expected);
      EXPECT_EQ(other.state().digest_mismatches, 0U) << "the file does not say when the tree is exact";
    }
    ASSERT_TRUE(s.start());
    EXPECT_TRUE(picture_of(s) == expected);
  }
}

TEST(SnapshotStream, pauses_while_the_link_is_full_and_writes_go_on) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  for (int i = 0; i < 40; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i), std::string(900'000, 'x')), Error::ok);
  Learner learner(s);
  s.world.run_for(10'000);
  EXPECT_FALSE(learner.is_done);
  EXPECT_GT(learner.queued, SnapshotStream::kQueuedBytesMax);
  EXPECT_LE(learner.most_queued, SnapshotStream::kQueuedBytesMax + StateWalk::kChunkBytes + 900'200);
  EXPECT_EQ(client.set("/n0", "written meanwhile"), Error::ok);
  while (!learner.is_done) {
    learner.queued -= std::min<std::size_t>(learner.queued, 1 << 20);
    s.world.run_for(10);
  }
  EXPECT_GT(learner.bytes.size(), 35'000'000U);
}

TEST(SnapshotStream, writes_many_sessions_and_lists_in_many_events) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  for (std::int64_t id = 1; id <= 30'000; ++id) s.state().sessions[id] = 30'000;
  for (int i = 0; i < 20'000; ++i)
    static_cast<void>(s.state().tree.acls().acquire({Acl{31, Id{"ip", fmt::format("10.0.{}.{}", i / 250, i % 250)}}}));
  Learner learner(s);
  int events = 0;
  s.world.after_step = [&] { ++events; };
  ASSERT_TRUE(s.world.run_until([&] { return learner.is_done; }));
  s.world.after_step = nullptr;
  EXPECT_GT(events, 100);
  class Counting : public Ignored {
   public:
    bool on_session(std::int64_t, std::int32_t) override { return ++sessions > 0; }
    bool on_acl(std::int64_t, AclList) override { return ++acls > 0; }
    int sessions = 0;
    int acls = 0;
  } counts;
  std::string body;
  store::SnapshotParser parser(counts);
  ASSERT_EQ(parser.take(learner.bytes, body).value(), learner.bytes.size());
  EXPECT_TRUE(parser.is_complete());
  EXPECT_EQ(counts.sessions, 30'000);
  EXPECT_EQ(static_cast<std::size_t>(counts.acls), s.state().tree.acls().size());
}

// Each session that was there all the time is contained, although the table grows and shrinks meanwhile.
TEST(SnapshotStream, contains_every_session_that_stays) {
  ServerWorld s;
  s.options.snapshots.slice_nodes = 3;
  ASSERT_TRUE(s.start());
  for (std::int64_t id = 1; id <= 300; ++id) s.state().sessions[id] = 30'000;
  Learner learner(s);
  std::int64_t next = 1000;
  s.world.after_step = [&] {
    s.state().sessions[next++] = 1;
    s.state().sessions[next++] = 1;
    if (next > 3000) s.state().sessions.erase(next - 2000);
  };
  ASSERT_TRUE(s.world.run_until([&] { return learner.is_done; }));
  s.world.after_step = nullptr;
  class Finding : public Ignored {
   public:
    bool on_session(std::int64_t id, std::int32_t) override { return ids.insert(id).second; }
    std::set<std::int64_t> ids;
  } found;
  std::string body;
  store::SnapshotParser parser(found);
  ASSERT_TRUE(parser.take(learner.bytes, body));
  for (std::int64_t id = 1; id <= 300; ++id) EXPECT_TRUE(found.ids.contains(id)) << id;
}

TEST(SnapshotStream, ends_when_it_is_destroyed_or_the_state_is_replaced_or_the_server_stops) {
  ServerWorld s;
  s.options.snapshots.slice_nodes = 1;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
  // Each waits for its link.
  const auto begin = [&](Learner& learner) {
    learner.queued = SnapshotStream::kQueuedBytesMax + 1;
    s.world.run_for(20);
    EXPECT_FALSE(learner.is_done);
  };
  {
    Learner gone(s);
    begin(gone);
    gone.stream.reset();
    gone.queued = 0;
    s.world.run_for(1000);
    EXPECT_TRUE(gone.bytes.empty());
  }
  Learner replaced(s);
  begin(replaced);
  const Core& core = s.server->core();
  s.state() = machine::State(core.options.rules, core.hash_key);
  replaced.queued = 0;
  s.world.run_for(1000);
  EXPECT_FALSE(replaced.is_done);
  EXPECT_TRUE(replaced.bytes.empty());
  replaced.stream.reset();
  Learner last(s);
  begin(last);
  s.server->stop();
  last.queued = 0;
  s.world.run_for(1000);
  last.stream.reset();
}

TEST(Snapshots, nothing_is_written_or_purged_while_they_are_paused) {
  ServerWorld s;
  s.options.snapshots.slice_nodes = 1;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.create(fmt::format("/n{}", i)), Error::ok);
  ASSERT_TRUE(s.world.run_until([&] { return !s.server->snapshots()->is_running(); }));
  const auto names = s.world.disk.durable_names(kStreamDir);
  bool is_told = false;
  s.server->snapshots()->take([&](const auto& result) { is_told = !result; });
  ASSERT_TRUE(s.server->snapshots()->is_running());
  bool is_paused = false;
  s.server->snapshots()->pause([&] { is_paused = true; });
  EXPECT_TRUE(is_told);
  ASSERT_TRUE(s.world.run_until([&] { return is_paused; }));
  s.server->snapshots()->take();
  EXPECT_FALSE(s.server->snapshots()->is_running());
  EXPECT_EQ(s.world.disk.durable_names(kStreamDir), names);
  s.server->snapshots()->resume();
  s.server->snapshots()->take();
  ASSERT_TRUE(s.world.run_until([&] { return !s.server->snapshots()->is_running(); }));
  EXPECT_NE(s.world.disk.durable_names(kStreamDir), names);
}

}  // namespace
}  // namespace quoll::server
