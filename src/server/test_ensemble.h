// Production servers on simulated machines that form an ensemble, for tests.
#pragma once

#include <deque>
#include <fmt/format.h>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/server.h"
#include "sim/client.h"
#include "sim/machine.h"
#include "sim/simulation.h"

namespace quoll::server {

class EnsembleWorld {
 public:
  static constexpr std::uint16_t kClientPort = 2181;

  explicit EnsembleWorld(int voters, int observers = 0, std::uint64_t seed = 1) : simulation(seed) {
    for (int id = 1; id <= voters + observers; ++id) {
      members_.push_back({.member = {.id = ServerId{id}, .is_voter = id <= voters},
                          .ports = {{fmt::format("server{}", id), 2888, 3888}}});
      text_ += fmt::format("server.{}=server{}:2888:3888:{}\n", id, id, id <= voters ? "participant" : "observer");
      nodes_.try_emplace(id, simulation, id);
    }
    text_ += "version=0";
  }
  ~EnsembleWorld() {
    for (auto& [id, node] : nodes_) kill(id);
  }

  void start(int id) {
    Node& node = nodes_.at(id);
    Options options = base_options;
    options.client_ports = {{.host = "", .port = kClientPort}};
    options.tick_ms = 2000;
    options.min_session_timeout_ms = 4000;
    options.max_session_timeout_ms = 40000;
    options.session_server = ServerId{id};
    options.store.data_dir = options.store.data_log_dir = "/data";
    options.store.pre_alloc_kb = 64;
    options.ensemble = EnsembleOptions{.self = ServerId{id}, .members = members_, .text = text_};
    if (alter) alter(id, *options.ensemble);
    node.server = std::make_unique<Server>(node.machine.env(), options,
                                           [&node](ExitCode, std::string_view why) { node.failure = why; });
    const auto started = node.server->start();
    ASSERT_TRUE(started.has_value()) << started.error().text;
  }
  void start_all() {
    for (auto& [id, node] : nodes_) start(id);
  }
  void end(int id, sim::Machine::Ending ending) {
    Node& node = nodes_.at(id);
    if (node.server == nullptr) return;
    node.machine.end_process(ending, [&node] { node.server.reset(); });
    node.machine.begin_process();
  }
  void kill(int id) { end(id, sim::Machine::Ending::kill); }

  [[nodiscard]] Server* server(int id) { return nodes_.at(id).server.get(); }
  [[nodiscard]] sim::Machine& machine(int id) { return nodes_.at(id).machine; }
  [[nodiscard]] const std::string& failure(int id) { return nodes_.at(id).failure; }
  [[nodiscard]] machine::State& state(int id) { return server(id)->core().state; }
  [[nodiscard]] bool serves(int id) { return server(id) != nullptr && server(id)->is_serving(); }
  // 0: nobody leads.
  [[nodiscard]] int leader() {
    for (auto& [id, node] : nodes_) {
      if (serves(id) && node.server->core().role == Role::leader) return id;
    }
    return 0;
  }
  [[nodiscard]] int a_learner() {
    for (auto& [id, node] : nodes_) {
      if (serves(id) && node.server->core().role == Role::learner) return id;
    }
    return 0;
  }
  // True if all members that run serve, as they should within this time.
  bool settle(std::int64_t limit_ms = 20'000) {
    return simulation.run_until(
        [&] {
          for (auto& [id, node] : nodes_) {
            if (node.server != nullptr && !node.server->is_serving()) return false;
          }
          return leader() != 0;
        },
        limit_ms);
  }
  // True if all members that run have the same state.
  bool agree(std::int64_t limit_ms = 10'000) {
    return simulation.run_until(
        [&] {
          const int one = leader();
          if (one == 0) return false;
          for (auto& [id, node] : nodes_) {
            if (node.server == nullptr) continue;
            if (state(id).last_processed != state(one).last_processed || digest(id) != digest(one) ||
                state(id).sessions != state(one).sessions)
              return false;
          }
          return true;
        },
        limit_ms);
  }
  [[nodiscard]] std::int64_t digest(int id) { return state(id).tree.digest(); }

  sim::Client& client(int id) {
    sim::Client& made = clients_.emplace_back(simulation, kClientPort, fmt::format("10.9.0.{}", clients_.size() + 1));
    made.to(fmt::format("server{}", id));
    return made;
  }
  sim::Client& connected(int id, std::int32_t timeout_ms = 30000) {
    sim::Client& made = client(id);
    EXPECT_TRUE(made.connect({.timeout_ms = timeout_ms}));
    return made;
  }

  // Nothing passes between the two any more.
  void part(int one, int other, sim::Route::Passage passage = sim::Route::Passage::silent) {
    simulation.network.route(name_of(one), name_of(other)).passage = passage;
    simulation.network.route(name_of(other), name_of(one)).passage = passage;
  }
  void isolate(int id) {
    for (const auto& [other, node] : nodes_) {
      if (other != id) part(id, other);
    }
  }
  void heal() { simulation.network.reset_routes(); }
  [[nodiscard]] static std::string name_of(int id) { return fmt::format("server{}", id); }
  [[nodiscard]] std::vector<int> ids() const {
    std::vector<int> all;
    for (const auto& [id, node] : nodes_) all.push_back(id);
    return all;
  }

  // Changes the options of a member at each of its starts.
  std::function<void(int id, EnsembleOptions& options)> alter;
  sim::Simulation simulation;
  Options base_options;

 private:
  struct Node {
    Node(sim::Simulation& simulation, int id)
        : machine(simulation, fmt::format("server{}", id), fmt::format("10.1.0.{}", id)) {}
    sim::Machine machine;
    std::unique_ptr<Server> server;
    std::string failure;
  };
  std::vector<EnsembleMember> members_;
  std::string text_;
  std::map<int, Node> nodes_;
  std::deque<sim::Client> clients_;
};

// One that serves.
class ServingEnsemble : public EnsembleWorld {
 public:
  explicit ServingEnsemble(int voters = 3, int observers = 0, std::uint64_t seed = 1)
      : EnsembleWorld(voters, observers, seed) {
    start_all();
    EXPECT_TRUE(settle());
  }
};

}  // namespace quoll::server
