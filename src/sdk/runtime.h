// A loop in a thread of its own, on which clients live; other threads pass it calls and wait for results.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "client/link.h"
#include "env/log.h"
#include "os/clocks.h"
#include "os/dialer.h"
#include "os/files.h"
#include "os/loop.h"
#include "tls/options.h"

namespace quoll::sdk {

class Runtime {
 public:
  Runtime();
  // Ends the loop; calls that are not made yet are dropped. Clients must be destroyed before.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Makes the call on the loop, soon. From any thread.
  void post(std::move_only_function<void()> call) { loop_.post(std::move(call)); }
  // Makes the call on the loop: now, if this is its thread.
  template <typename MakeCall>
  void dispatch(MakeCall call) {
    if (on_loop()) return call();
    post(std::move(call));
  }
  // Makes the call on the loop, and waits for its end. Not from the loop.
  void run(std::move_only_function<void()> call);
  [[nodiscard]] bool on_loop() const { return std::this_thread::get_id() == thread_.get_id(); }

  // For connections with Security::tls that are made afterwards. The error names the file, and what to do.
  std::expected<void, std::string> use_tls(tls::Options options);

  [[nodiscard]] client::World world() { return {clock_, loop_, random_, dialer_}; }

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
