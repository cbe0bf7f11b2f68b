// A thread that runs jobs one at a time and reports the end of each to the loop.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <thread>

#include "env/clock.h"
#include "env/worker.h"

namespace quoll::os {

class ThreadWorker : public env::Worker {
 public:
  // `loop` must outlive the worker.
  ThreadWorker(env::Timers& loop, std::string_view name);
  ~ThreadWorker() override;
  void run(std::move_only_function<void()> job, std::move_only_function<void()> done) override;

 private:
  struct Job {
    std::move_only_function<void()> work;
    std::move_only_function<void()> done;
  };
  void work();

  env::Timers& loop_;
  // `done` calls that are queued on the loop keep this alive after the worker's end.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace quoll::os
