// The loop on which a client lives, as its callers see it: they pass it calls and wait for results. thread_runtime.h is
// the one of installed clients; the fake ensemble (src/testing) has one whose time is virtual.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "base/check.h"
#include "client/link.h"
#include "sdk/waiting.h"

namespace quoll::sdk {

class Runtime {
 public:
  Runtime() = default;
  // Calls that are not made yet are dropped. Clients must be destroyed before.
  virtual ~Runtime() = default;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Makes the call on the loop, soon. From any thread.
  virtual void post(std::move_only_function<void()> call) = 0;
  [[nodiscard]] virtual bool on_loop() const = 0;
  [[nodiscard]] virtual client::World world() = 0;
  // Null: time is real, and other threads may wait for the loop's.
  [[nodiscard]] virtual std::shared_ptr<VirtualTime> virtual_time() const { return nullptr; }

  // Makes the call on the loop: now, if this is its thread.
  template <typename MakeCall>
  void dispatch(MakeCall call) {
    if (on_loop()) return call();
    post(std::move(call));
  }
  // What a call that was posted has promised. Not from the loop.
  template <typename T>
  T await(std::future<T> future) {
    if (const auto time = virtual_time(); time != nullptr)
      time->pass_until([&] { return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }, -1);
    return future.get();
  }
  // Makes the call on the loop, and waits for its end. Not from the loop.
  void run(std::move_only_function<void()> call) {
    QUOLL_CHECK(!on_loop(), "a call that waits is not made on the loop's own thread, which would wait for itself");
    // Shared: the loop's thread still uses it when this one has its result.
    const auto done = std::make_shared<std::promise<void>>();
    auto over = done->get_future();
    post([&call, done] {
      call();
      done->set_value();
    });
    await(std::move(over));
  }
};

}  // namespace quoll::sdk
