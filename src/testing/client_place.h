// A client's machine in the world of a fake ensemble, and the loop on which the client lives.
#pragma once

#include <fmt/format.h>
#include <memory>
#include <utility>

#include "sdk/runtime.h"
#include "sim/machine.h"
#include "testing/time.h"

namespace quoll::testing {

class ClientPlace {
 public:
  ClientPlace(sim::Simulation& simulation, std::shared_ptr<Time> time, int number)
      : machine(simulation, fmt::format("client{}", number), fmt::format("10.2.{}.{}", number / 250, number % 250 + 1)),
        time_(std::move(time)) {
    machine.log.least = env::Level::error;
  }

  void suspend() {
    if (!std::exchange(is_suspended_, true)) machine.loop.close();
  }
  void resume() {
    if (std::exchange(is_suspended_, false)) machine.loop.open();
  }

  // What the client is given as its thread.
  class Runtime : public sdk::Runtime {
   public:
    explicit Runtime(ClientPlace& place) : place_(place) { place_.runtime_ = this; }
    // What is scheduled does nothing any more.
    ~Runtime() override {
      place_.resume();
      place_.machine.loop.end_process();
      place_.runtime_ = nullptr;
    }
    void post(std::move_only_function<void()> call) override {
      place_.time_->check_thread();
      place_.resume();
      place_.machine.loop.post(std::move(call));
    }
    [[nodiscard]] bool on_loop() const override { return place_.time_->is_in_event() && !place_.is_suspended_; }
    [[nodiscard]] client::World world() override {
      env::Env& env = place_.machine.env();
      return {env.clock, env.timers, env.random, env.dialer};
    }
    [[nodiscard]] std::shared_ptr<sdk::VirtualTime> virtual_time() const override { return place_.time_; }

   private:
    ClientPlace& place_;
  };
  // Null: the client has been destroyed.
  [[nodiscard]] const sdk::Runtime* runtime() const { return runtime_; }

  sim::Machine machine;

 private:
  const std::shared_ptr<Time> time_;
  bool is_suspended_ = false;
  Runtime* runtime_ = nullptr;
};

}  // namespace quoll::testing
