#include "sdk/thread_runtime.h"

#include <csignal>
#include <pthread.h>

#include "tls/context.h"

namespace quoll::sdk {

ThreadRuntime::ThreadRuntime() {
  // Signals are the business of the program's own threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { loop_.run(); });
  pthread_setname_np(thread_.native_handle(), "quoll-client");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ThreadRuntime::~ThreadRuntime() {
  loop_.post([this] { loop_.stop(); });
  thread_.join();
}

std::expected<void, std::string> ThreadRuntime::use_tls(tls::Options options) {
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
