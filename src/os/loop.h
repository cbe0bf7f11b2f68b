// The event loop of a real server: one thread for timers, sockets, signals and finished jobs.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "env/clock.h"
#include "env/network.h"
#include "env/worker.h"

namespace quoll::tls {
class Context;
}

namespace quoll::os {

class Loop : public env::Timers, public env::Workers {
 public:
  Loop();
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until stop(). Exceptions thrown by callbacks propagate.
  void run();
  // Called from a callback; run() returns soon after.
  void stop();
  // Calls `then` on the loop for each of these signals from now on, instead of what they do by default.
  void on_signals(std::initializer_list<int> signals, std::function<void(int signal)> then);
  // The same for SIGTERM and SIGINT; SIGHUP and SIGPIPE are harmless.
  void on_terminate(std::function<void(int signal)> then);

  [[nodiscard]] std::unique_ptr<env::Timer> after(std::int64_t delay_ms, std::move_only_function<void()> then) override;
  void post(std::move_only_function<void()> then) override;
  [[nodiscard]] std::unique_ptr<env::Worker> start(std::string_view name) override;

  // Keeps Boost.Asio inside this room.
  struct Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::os
