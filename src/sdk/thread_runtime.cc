#include "sdk/runtime.h"

#include <csignal>
#include <future>
#include <pthread.h>

#include "base/check.h"
#include "tls/context.h"

namespace quoll::sdk {

Runtime::Runtime() {
  // Signals are the business of the program's own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { loop_.run(); });
  pthread_setname_np(thread_.native_handle(), "quoll-client");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Runtime::~Runtime() {
  loop_.post([this] { loop_.stop(); });
  thread_.join();
}

void Runtime::run(std::move_only_function<void()> call) {
  QUOLL_CHECK(!on_loop(), "a call that waits is not made on the loop's own thread, which would wait for itself");
  const auto done = std::make_shared<std::promise<void>>();
  auto over = done->get_future();
  loop_.post([&call, done] {
    call();
    done->set_value();
  });
  over.wait();
}

std::expected<void, std::string> Runtime::use_tls(tls::Options options) {
  std::expected<void, std::string> result;
  run([&] {
    auto context = tls::Context::create(disk_, std::move(options), tls::Role::client);
    if (context) {
      dialer_.set_tls(std::move(*context), no_log_);
    } else {
      result = std::unexpected(context.error());
    }
  });
  return result;
}

}  // namespace quoll::sdk
