// Coroutines on the client's loop: a step that waits for an answer is a `co_await`, and its owner's end is the task's.
#pragma once

#include <algorithm>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "client/result.h"

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 complains about lambdas in coroutines when several sources are compiled as one file.
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif

namespace quoll::client {

// A started task. It ends when its last step has returned, when its owner's Life ends, or when what it waits for is
// dropped without an answer, because the client is destroyed.
struct TaskRoot {
  std::coroutine_handle<> handle;  // null: it has ended
  void destroy() {
    if (const auto ending = std::exchange(handle, nullptr)) ending.destroy();
  }
};

// A member of the object whose tasks these are, declared last: destroying it ends them where they wait. Not from inside
// one of them.
class Life {
 public:
  Life() = default;
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;
  ~Life() { end(); }
  // Ends the tasks that have been started until now.
  void end() {
    for (const auto& root : std::exchange(roots_, {})) root->destroy();
  }
  void add(std::shared_ptr<TaskRoot> root) {
    if (roots_.size() >= prune_at_) {
      std::erase_if(roots_, [](const auto& each) { return each->handle == nullptr; });
      prune_at_ = std::max<std::size_t>(16, 2 * roots_.size());
    }
    roots_.push_back(std::move(root));
  }

 private:
  std::vector<std::shared_ptr<TaskRoot>> roots_;
  std::size_t prune_at_ = 16;
};

// Continues a task once; dropped without that, it ends the task.
class Resumer {
 public:
  Resumer(std::shared_ptr<TaskRoot> root, std::coroutine_handle<> waiting)
      : root_(std::move(root)), waiting_(waiting) {}
  Resumer(Resumer&&) = default;
  Resumer& operator=(Resumer&&) = delete;
  ~Resumer() {
    if (root_ != nullptr) root_->destroy();
  }
  [[nodiscard]] bool is_wanted() const { return root_ != nullptr && root_->handle != nullptr; }
  void resume() {
    root_.reset();
    waiting_.resume();
  }

 private:
  std::shared_ptr<TaskRoot> root_;
  std::coroutine_handle<> waiting_;
};

struct TaskPromise {
  std::shared_ptr<TaskRoot> root;
  std::coroutine_handle<> caller;

  struct Final {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) noexcept {
      return ended.promise().caller;
    }
    void await_resume() noexcept {}
  };
  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::terminate(); }
};

// Begins when it is awaited. Functions that return one take their arguments by value.
template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type : TaskPromise {
    std::optional<T> value;
    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value.emplace(std::move(result)); }
  };
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> caller) {
    handle_.promise().root = caller.promise().root;
    handle_.promise().caller = caller;
    return handle_;
  }
  T await_resume() { return std::move(*handle_.promise().value); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// Something that calls a function with its result, later or never: to be awaited once.
template <typename T>
class [[nodiscard]] Awaited {
 public:
  explicit Awaited(std::move_only_function<void(Done<T>)> make) : make_(std::move(make)) {}
  // It is there already.
  explicit Awaited(Result<T> result) : result_(std::move(result)) {}
  [[nodiscard]] bool await_ready() const noexcept { return result_.has_value(); }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    make_([this, resumer = Resumer(waiting.promise().root, waiting)](Result<T> result) mutable {
      if (!resumer.is_wanted()) return;
      result_ = std::move(result);
      // The function, and with it the resumer, may be destroyed by what follows.
      Resumer now = std::move(resumer);
      now.resume();
    });
  }
  Result<T> await_resume() { return std::move(*result_); }

 private:
  std::move_only_function<void(Done<T>)> make_;
  std::optional<Result<T>> result_;
};

// The outermost coroutine of a task; it destroys itself at its end.
struct DetachedTask {
  struct promise_type : TaskPromise {
    DetachedTask get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
  };
  std::coroutine_handle<promise_type> handle;
};

// Tells the coroutine its own root.
struct OwnRoot {
  std::shared_ptr<TaskRoot> root;
  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) {
    root = self.promise().root;
    return false;
  }
  std::shared_ptr<TaskRoot> await_resume() { return std::move(root); }
};

template <typename T>
DetachedTask run_task(Task<Result<T>> task, Done<T> done) {
  Result<T> result = co_await task;
  // What `done` does may end the owner of this task.
  const std::shared_ptr<TaskRoot> root = co_await OwnRoot();
  root->handle = nullptr;
  if (done) done(std::move(result));
}

// Runs the task until its first wait; `done`, which may be null, gets its result, unless `life` ends before. `done` is
// called from inside if the task never waits.
template <typename T>
void start(Task<Result<T>> task, Life& life, Done<T> done) {
  const DetachedTask detached = run_task<T>(std::move(task), std::move(done));
  auto root = std::make_shared<TaskRoot>(detached.handle);
  detached.handle.promise().root = root;
  life.add(root);
  detached.handle.resume();
}

}  // namespace quoll::client
