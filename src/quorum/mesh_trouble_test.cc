// Five election meshes on machines of their own, with partitions, losses, crashes and power failures. When the trouble
// is over, each two have one connection, and each hears what the others say.
#include <algorithm>
#include <gtest/gtest.h>

#include "quorum/election_mesh.h"
#include "quorum/test_support.h"
#include "sim/machine.h"

namespace quoll::quorum {
namespace {

using testing::Told;

constexpr std::int64_t kMembers = 5;

std::string machine_name(std::int64_t id) {
  return "host" + std::to_string(id);
}

Options options_on_machines(std::int64_t self) {
  Options options;
  options.self = ServerId{self};
  for (std::int64_t id = 1; id <= kMembers; ++id) options.members[ServerId{id}] = {{{machine_name(id), 2888, 3888}}};
  return options;
}

struct Server {
  Server(sim::Simulation& simulation, std::int64_t own_id)
      : id(own_id), machine(simulation, machine_name(own_id), "10.0.0." + std::to_string(own_id)) {}
  void start() {
    told.events.clear();
    said.clear();
    mesh = std::make_unique<ElectionMesh>(machine.env(), options_on_machines(id), [this](const zab::Event& event) {
      told.events.push_back(event);
      // As an election does it.
      const auto* const reachable = std::get_if<zab::PeerReachable>(&event);
      if (reachable != nullptr && said.contains(reachable->peer)) mesh->send(reachable->peer, said.at(reachable->peer));
    });
    ASSERT_TRUE(mesh->bind());
    mesh->start();
  }
  void send(ServerId to, const zab::Notification& notification) {
    said.insert_or_assign(to, notification);
    mesh->send(to, notification);
  }
  void end(sim::Machine::Ending ending) {
    machine.end_process(ending, [this] { mesh.reset(); });
  }
  [[nodiscard]] bool is_open(std::int64_t other) const {
    const auto all = mesh->status();
    return std::ranges::any_of(
        all, [&](const auto& peer) { return peer.id == ServerId{other} && peer.state == MeshPeer::State::open; });
  }
  // The last round that it has heard of from there.
  [[nodiscard]] std::int64_t heard(std::int64_t from) const {
    std::int64_t round = 0;
    for (const auto& received : told.of<zab::NotificationReceived>()) {
      if (received.from == ServerId{from}) round = received.notification.round;
    }
    return round;
  }
  const std::int64_t id;
  sim::Machine machine;
  Told told;
  std::map<ServerId, zab::Notification> said;
  std::unique_ptr<ElectionMesh> mesh;
};

struct MeshTroubleTest : ::testing::TestWithParam<std::uint64_t> {
  MeshTroubleTest() {
    for (std::int64_t id = 1; id <= kMembers; ++id) {
      servers.push_back(std::make_unique<Server>(simulation, id));
      servers.back()->start();
    }
  }
  ~MeshTroubleTest() override {
    for (const auto& server : servers) server->mesh.reset();
  }
  std::int64_t below(std::size_t bound) {
    return static_cast<std::int64_t>(simulation.scheduler.chance().below(bound));
  }
  Server& any() { return *servers[static_cast<std::size_t>(below(servers.size()))]; }
  void send_to_all(Server& from) const {
    for (std::int64_t to = 1; to <= kMembers; ++to) {
      if (to != from.id)
        from.send(ServerId{to}, {zab::State::looking, {Epoch{1}, Zxid{1}, ServerId{from.id}}, round, 2, ""});
    }
  }
  void all_send() {
    ++round;
    for (const auto& from : servers) {
      if (from->mesh != nullptr) send_to_all(*from);
    }
  }
  void make_trouble() {
    auto& route = simulation.network.route(any().machine.name(), any().machine.name());
    using enum sim::Route::Passage;
    switch (below(5)) {
      case 0:
        route.passage = silent;
        break;
      case 1:
        route.passage = refused;
        break;
      case 2:
        route.lost_per_mille = 300;
        break;
      case 3:
        route.more_latency_us = 300'000;
        break;
      default: {
        Server& server = any();
        if (server.mesh == nullptr) return;
        const bool loses_power = below(2) == 0;
        server.end(loses_power ? sim::Machine::Ending::power_cut : sim::Machine::Ending::kill);
        if (below(2) == 0) restart(server);
      }
    }
  }
  static void restart(Server& server) {
    server.machine.begin_process();
    server.start();
  }
  bool is_whole() {
    for (const auto& one : servers) {
      for (const auto& other : servers) {
        if (one != other && (!one->is_open(other->id) || one->heard(other->id) != round)) return false;
      }
    }
    return true;
  }
  sim::Simulation simulation{GetParam()};
  std::vector<std::unique_ptr<Server>> servers;
  std::int64_t round = 0;
};

TEST_P(MeshTroubleTest, after_it_each_hears_the_others) {
  for (int turn = 0; turn < 5; ++turn) {
    for (int i = 0; i < 8; ++i) {
      make_trouble();
      all_send();
      simulation.run_for(below(3) == 0 ? below(20'000) : below(200));
    }
    simulation.network.reset_routes();
    for (const auto& server : servers) {
      if (server->mesh == nullptr) restart(*server);
    }
    // An election repeats what it says; here once is enough when the connections stand.
    simulation.run_for(15'000);
    all_send();
    ASSERT_TRUE(simulation.run_until([&] { return is_whole(); }, 15'000)) << "turn " << turn;
  }
}

TEST_P(MeshTroubleTest, one_that_loses_power_and_comes_back_is_heard_at_once) {
  all_send();
  ASSERT_TRUE(simulation.run_until([&] { return is_whole(); }));
  simulation.run_for(5'000);
  Server& server = any();
  server.end(sim::Machine::Ending::power_cut);
  simulation.run_for(below(60'000));
  restart(server);
  // The others believe that their connections to it stand; it finds out by dialling, or by asking to be dialled.
  ++round;
  send_to_all(server);
  const auto hears = [&](const auto& other) { return other->id == server.id || other->heard(server.id) == round; };
  EXPECT_TRUE(simulation.run_until([&] { return std::ranges::all_of(servers, hears); }, 1'000));
}

INSTANTIATE_TEST_SUITE_P(seeds, MeshTroubleTest, ::testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace quoll::quorum
