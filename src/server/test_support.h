// A production server in a simulated world, for tests.
#pragma once

#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>

#include "server/server.h"
#include "sim/client.h"
#include "sim/world.h"

namespace quoll::server {

inline constexpr std::uint16_t kTestPort = 2181;

class ServerWorld {
 public:
  explicit ServerWorld(std::uint64_t seed = 1) : world(seed) {
    options.client_ports = {{.host = "", .port = kTestPort}};
    options.store.data_dir = options.store.data_log_dir = "/data";
    options.store.pre_alloc_kb = 64;
    options.rules.owner_rules.extended = true;
  }
  ~ServerWorld() { world.after_step = nullptr; }

  // Starts a new process with the disk's content. True if it serves.
  bool start() {
    fatal.reset();
    start_error.reset();
    server = std::make_unique<Server>(world.env(), options, [this](ExitCode code, std::string_view why) {
      fatal = code;
      fatal_why = why;
    });
    if (desk != nullptr) server->set_word_responder(*desk);
    if (auto started = server->start(); !started) {
      start_error = started.error();
      server.reset();
      return false;
    }
    return world.run_until([&] { return fatal || server->is_serving(); }, 60'000) && !fatal;
  }
  // Cuts the power: writes that were not synced are lost.
  void kill() {
    if (!world.disk.is_off()) world.disk.power_off_after(0);
    die();
    world.disk.cut();
  }
  // The same, on a disk that has written some of the unsynced data.
  void kill(base::Prng& chance) {
    if (!world.disk.is_off()) world.disk.power_off_after(0);
    die();
    world.disk.cut(chance);
  }
  // Stops the server in an orderly way.
  void stop() {
    server->stop();
    die();
  }

  sim::Client& client(const std::string& host = "10.0.0.1") { return clients_.emplace_back(world, kTestPort, host); }
  // A client with an established session.
  sim::Client& connected(std::int32_t timeout_ms = 30000) {
    sim::Client& made = client();
    EXPECT_TRUE(made.connect({.timeout_ms = timeout_ms}));
    return made;
  }

  machine::State& state() { return server->core().state; }
  std::int64_t digest() { return state().tree.digest(); }
  bool has_node(std::string_view path) { return state().tree.find(path) != tree::kNoNode; }
  std::string data_of(std::string_view path) { return state().tree.node(state().tree.find(path)).data().str(); }

  sim::World world;
  Options options;
  WordResponder* desk = nullptr;
  std::unique_ptr<Server> server;
  std::optional<ExitCode> fatal;
  std::string fatal_why;
  std::optional<StartError> start_error;

 private:
  void die() {
    server.reset();
    // Runs late events of the previous process, which must have no effect.
    world.run_for(50);
  }
  std::deque<sim::Client> clients_;
};

}  // namespace quoll::server
