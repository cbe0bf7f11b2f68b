// Clients of the client library on machines of their own, and an ensemble of production servers, in a simulated world.
#pragma once

#include <deque>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/client.h"
#include "server/test_ensemble.h"
#include "sim/machine.h"

namespace quoll::sim {

// Keeps what it hears.
class Recorder : public client::Watcher {
 public:
  void on_event(const client::WatchEvent& event) override { events.push_back(event); }
  void on_state(client::State state) override { states.push_back(state); }
  std::vector<client::WatchEvent> events;
  std::vector<client::State> states;
};

class ClientWorld : public server::EnsembleWorld {
 public:
  explicit ClientWorld(int voters = 1, std::uint64_t seed = 1) : EnsembleWorld(voters, 0, seed), voters_(voters) {
    base_options.rules.owner_rules.extended = true;
    start_all();
    EXPECT_TRUE(settle());
  }
  ~ClientWorld() { machines_.clear(); }

  // All servers, on a machine of its own, which can be cut off or paused.
  struct Place {
    Place(ClientWorld& world, int number)
        : machine(world.simulation, fmt::format("client{}", number), fmt::format("10.2.0.{}", number)) {}
    Machine machine;
    std::unique_ptr<client::Client> client;
    client::Client* operator->() const { return client.get(); }
    client::Client& operator*() const { return *client; }
  };
  client::Options client_options() const {
    client::Options options;
    for (int id = 1; id <= voters_; ++id) options.servers.push_back({fmt::format("server{}", id), kClientPort});
    return options;
  }
  Place& new_client(client::Options options) {
    Place& place = machines_.emplace_back(*this, static_cast<int>(machines_.size()) + 1);
    place.client = std::make_unique<client::Client>(world_of(place.machine), std::move(options));
    return place;
  }
  Place& new_client() { return new_client(client_options()); }
  Place& connected(std::int32_t timeout_ms = 30'000) {
    client::Options options = client_options();
    options.session_timeout_ms = timeout_ms;
    Place& place = new_client(std::move(options));
    EXPECT_TRUE(simulation.run_until([&] { return place->state() == client::State::connected; }, 60'000));
    return place;
  }
  static client::World world_of(Machine& machine) {
    env::Env& env = machine.env();
    return {env.clock, env.timers, env.random, env.dialer};
  }

  // Makes a call, runs the world until it is answered, and returns the result:
  //   await<client::NodeData>([&](auto done) { client.get("/a", nullptr, std::move(done)); })
  template <typename T, typename MakeCall>
  client::Result<T> await(MakeCall call, std::int64_t limit_ms = 120'000) {
    const auto result = std::make_shared<std::optional<client::Result<T>>>();
    call(client::Done<T>([result](client::Result<T> got) { *result = std::move(got); }));
    if (!simulation.run_until([&] { return result->has_value(); }, limit_ms))
      return std::unexpected(
          client::Failure{Error::operation_timeout, client::Fate::may_be_applied, "never answered", {}, {}});
    return std::move(**result);
  }
  client::Result<client::Created> create(client::Client& client, const std::string& path, const std::string& data = "",
                                         client::CreateOptions options = {}) {
    return await<client::Created>([&](auto done) { client.create(path, data, options, std::move(done)); });
  }
  client::Result<client::NodeData> get(client::Client& client, const std::string& path,
                                       std::shared_ptr<client::Watcher> watcher = nullptr) {
    return await<client::NodeData>([&](auto done) { client.get(path, watcher, std::move(done)); });
  }
  client::Result<Stat> set(client::Client& client, const std::string& path, const std::string& data,
                           std::int32_t version = client::kAnyVersion) {
    return await<Stat>([&](auto done) { client.set(path, data, version, std::move(done)); });
  }
  client::Result<void> remove(client::Client& client, const std::string& path) {
    return await<void>([&](auto done) { client.remove(path, client::kAnyVersion, std::move(done)); });
  }
  client::Result<client::Children> children(client::Client& client, const std::string& path,
                                            std::shared_ptr<client::Watcher> watcher = nullptr) {
    return await<client::Children>([&](auto done) { client.children(path, watcher, std::move(done)); });
  }
  client::Result<std::optional<Stat>> exists(client::Client& client, const std::string& path,
                                             std::shared_ptr<client::Watcher> watcher = nullptr) {
    return await<std::optional<Stat>>([&](auto done) { client.exists(path, watcher, std::move(done)); });
  }

  // The member that this client is connected to.
  [[nodiscard]] int server_of(const client::Client& client) const {
    const std::string& server = client.session().server();
    return std::stoi(server.substr(6, server.find(':') - 6));
  }
  // Connections between this client's machine and all servers, in both directions.
  void cut_off(Place& place) { route_all(place, Route::Passage::silent); }
  void let_through(Place& place) { route_all(place, Route::Passage::open); }

 private:
  void route_all(Place& place, Route::Passage passage) {
    for (int id = 1; id <= voters_; ++id) {
      const std::string server = fmt::format("server{}", id);
      simulation.network.route(place.machine.name(), server).passage = passage;
      simulation.network.route(server, place.machine.name()).passage = passage;
    }
  }
  int voters_;
  std::deque<Place> machines_;
};

}  // namespace quoll::sim
