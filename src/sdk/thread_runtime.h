// A loop in a thread of its own, on which clients live; other threads pass it calls and wait for results.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "env/log.h"
#include "os/clocks.h"
#include "os/dialer.h"
#include "os/files.h"
#include "os/loop.h"
#include "sdk/runtime.h"
#include "tls/options.h"

namespace quoll::sdk {

class ThreadRuntime : public Runtime {
 public:
  ThreadRuntime();
  // Ends the loop.
  ~ThreadRuntime() override;

  void post(std::move_only_function<void()> call) override { loop_.post(std::move(call)); }
  [[nodiscard]] bool on_loop() const override { return std::this_thread::get_id() == thread_.get_id(); }
  [[nodiscard]] client::World world() override { return {clock_, loop_, random_, dialer_}; }

  // For connections with Security::tls that are made afterwards. The error names the file, and what to do.
  std::expected<void, std::string> use_tls(tls::Options options);

 private:
  // A library writes no log; what a caller must know is in the failures of its calls.
  class NoLog : public env::Log {
    void write(env::Level, std::string_view) override {}
    [[nodiscard]] bool enabled(env::Level) const override { return false; }
  };
  NoLog no_log_;
  os::PosixDisk disk_;
  os::Loop loop_;
  os::SystemClock clock_;
  os::SystemRandom random_;
  os::TcpDialer dialer_{loop_};
  std::thread thread_;
};

}  // namespace quoll::sdk
