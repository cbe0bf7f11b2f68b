#include "os/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>

#include "os/loop_impl.h"
#include "os/worker.h"

namespace quoll::os {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kFreedAtOnceBytes = 1024 * 1024;

class LoopTimer : public env::Timer {
 public:
  LoopTimer(asio::io_context& io, std::int64_t delay_ms, std::move_only_function<void()> then)
      : state_(std::make_shared<State>(io, std::move(then))) {
    state_->timer.expires_after(std::chrono::milliseconds(delay_ms));
    state_->timer.async_wait([state = state_](const boost::system::error_code& error) {
      if (error || !state->then) return;
      auto call = std::move(state->then);
      call();
    });
  }
  ~LoopTimer() override {
    // A wait that has already completed may still be queued; without its function it does nothing.
    state_->then = nullptr;
    state_->timer.cancel();
  }

 private:
  struct State {
    State(asio::io_context& io, std::move_only_function<void()> call) : timer(io), then(std::move(call)) {}
    asio::steady_timer timer;
    std::move_only_function<void()> then;
  };
  std::shared_ptr<State> state_;
};

void wait_for_signal(asio::signal_set& signals, std::function<void(int)> then) {
  signals.async_wait([&signals, then](const boost::system::error_code& error, int signal) {
    if (error) return;
    then(signal);
    wait_for_signal(signals, then);
  });
}

}  // namespace

void Loop::Impl::discard(OutQueue bytes) {
  if (bytes.bytes() < kFreedAtOnceBytes) return;
  discarded_.push_back(std::move(bytes));
  if (discarded_.size() == 1) asio::post(io, [this] { discard_some(); });
}

void Loop::Impl::discard_some() {
  OutQueue& oldest = discarded_.front();
  oldest.remove(std::min(kFreedAtOnceBytes, oldest.bytes()));
  if (oldest.empty()) discarded_.pop_front();
  if (!discarded_.empty()) asio::post(io, [this] { discard_some(); });
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, SIG_IGN);
}
Loop::~Loop() = default;

void Loop::run() {
  const auto guard = asio::make_work_guard(impl_->io);
  impl_->io.run();
  impl_->io.restart();
}

void Loop::stop() {
  impl_->io.stop();
}

void Loop::on_terminate(std::function<void(int)> then) {
  on_signals({SIGTERM, SIGINT}, std::move(then));
}

void Loop::on_signals(std::initializer_list<int> signals, std::function<void(int)> then) {
  asio::signal_set& set = impl_->signals.emplace_back(impl_->io);
  for (const int signal : signals) set.add(signal);
  wait_for_signal(set, std::move(then));
}

std::unique_ptr<env::Timer> Loop::after(std::int64_t delay_ms, std::move_only_function<void()> then) {
  return std::make_unique<LoopTimer>(impl_->io, delay_ms, std::move(then));
}

void Loop::post(std::move_only_function<void()> then) {
  asio::post(impl_->io, [call = std::move(then)]() mutable { call(); });
}

std::unique_ptr<env::Worker> Loop::start(std::string_view name) {
  return std::make_unique<ThreadWorker>(*this, name);
}

}  // namespace quoll::os
