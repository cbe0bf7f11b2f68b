// Calls that do not wait: their results come to a function, a future or a coroutine.
//
//   quoll::zk::AsyncClient async(client);
//   async.get("/a").then([](quoll::zk::Result<quoll::zk::NodeData> got) { ... });
//   std::future<quoll::zk::Result<quoll::zk::NodeData>> got = async.get("/a").future();
//   quoll::zk::Result<quoll::zk::NodeData> got = co_await async.get("/a").within(std::chrono::seconds(5));
//
// For completion tokens of Boost.Asio, on executors of the program's own: quoll/asio.h.
#pragma once

#include <chrono>
#include <coroutine>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "quoll/client.h"

namespace quoll::zk {

template <typename T>
using Callback = std::move_only_function<void(Result<T>)>;

struct CallLimits {
  std::chrono::milliseconds deadline{0};  // from the start; 0: the client's own
  std::stop_token stop;                   // ends the call with request_timeout
};

// Lets virtual time pass until this is true.
using RunUntil = std::function<void(const std::function<bool()>& holds)>;

// A call that has not been made yet. It is made once, by then(), future(), wait() or co_await. What follows in a
// function or a coroutine runs on the client's thread: it must be short, may make calls, and must not wait, nor destroy
// the client.
template <typename T>
class [[nodiscard]] Call {
 public:
  using Start = std::move_only_function<void(CallLimits, Callback<T>)>;
  // `run_until`: of clients whose time is virtual (quoll/testing.h).
  explicit Call(Start start, RunUntil run_until = {}) : start_(std::move(start)), run_until_(std::move(run_until)) {}

  Call within(std::chrono::milliseconds deadline) && {
    limits_.deadline = deadline;
    return std::move(*this);
  }
  Call until(std::stop_token stop) && {
    limits_.stop = std::move(stop);
    return std::move(*this);
  }
  void then(Callback<T> callback) && { start_(std::move(limits_), std::move(callback)); }
  std::future<Result<T>> future() && {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto result = promise->get_future();
    start_(std::move(limits_), [promise](Result<T> got) { promise->set_value(std::move(got)); });
    return result;
  }
  // Not on the client's thread.
  Result<T> wait() && {
    const RunUntil run_until = std::move(run_until_);
    auto result = std::move(*this).future();
    if (run_until) run_until([&] { return result.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    return result.get();
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    start_(std::move(limits_), [this, waiting](Result<T> got) {
      result_.emplace(std::move(got));
      waiting.resume();
    });
  }
  Result<T> await_resume() { return std::move(*result_); }

 private:
  Start start_;
  RunUntil run_until_;
  CallLimits limits_;
  std::optional<Result<T>> result_;
};

// What a znode shall hold. A type of its own, because GCC 12 cannot make Bytes of a literal inside of co_await.
struct Data {
  Data(const char* text) : bytes(text) {}  // NOLINT(google-explicit-constructor): arguments are written as they are
  Data(std::string text) : bytes(std::move(text)) {}
  Data(Bytes data) : bytes(std::move(data)) {}
  Bytes bytes;
};

// The operations of Client. Any thread may use it, several at once. The client must outlive it, and its destruction
// ends all calls with connection_loss first.
class QUOLL_API AsyncClient {
 public:
  explicit AsyncClient(Client& client);
  ~AsyncClient();
  AsyncClient(AsyncClient&&) noexcept;
  AsyncClient& operator=(AsyncClient&&) noexcept;

  // With GCC 12 name the options before a co_await: it destroys braced arguments twice there.
  Call<Created> create(std::string path, Data data, CreateOptions options);
  Call<Created> create(std::string path, Data data) {
    return create(std::move(path), std::move(data), CreateOptions());
  }
  Call<void> remove(std::string path, std::int32_t version = kAnyVersion);
  Call<std::optional<Stat>> exists(std::string path, Watcher* watcher = nullptr);
  Call<NodeData> get(std::string path, Watcher* watcher = nullptr);
  Call<Stat> set(std::string path, Data data, std::int32_t version = kAnyVersion);
  Call<Children> children(std::string path, Watcher* watcher = nullptr);
  Call<NodeAcl> get_acl(std::string path);
  Call<Stat> set_acl(std::string path, std::vector<Acl> acl, std::int32_t version = kAnyVersion);
  Call<std::vector<OperationResult>> multi(std::vector<Operation> operations);
  Call<void> sync(std::string path);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A coroutine of the program, for those who have no other kind: `co_await` it in another one, or start() it. It begins
// when that is done. Exceptions of its own end the program.
template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    std::optional<T> value;
    std::coroutine_handle<> caller = std::noop_coroutine();
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) noexcept {
        return ended.promise().caller;
      }
      void await_resume() noexcept {}
    };
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value.emplace(std::move(result)); }
    void unhandled_exception() noexcept { std::terminate(); }
  };
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) {
    handle_.promise().caller = caller;
    return handle_;
  }
  T await_resume() { return std::move(*handle_.promise().value); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace inside {
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};
template <typename T>
Detached run(Task<T> task, std::promise<T> promise) {
  promise.set_value(co_await task);
}
}  // namespace inside

// Begins in this thread, and goes on in the client's.
template <typename T>
std::future<T> start(Task<T> task) {
  std::promise<T> promise;
  auto result = promise.get_future();
  inside::run(std::move(task), std::move(promise));
  return result;
}

}  // namespace quoll::zk
