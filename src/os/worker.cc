#include "os/worker.h"

#include <pthread.h>
#include <string>

namespace quoll::os {

ThreadWorker::ThreadWorker(env::Timers& loop, std::string_view name) : loop_(loop), thread_([this] { work(); }) {
  pthread_setname_np(thread_.native_handle(), std::string(name.substr(0, 15)).c_str());
}

ThreadWorker::~ThreadWorker() {
  *alive_ = false;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ThreadWorker::run(std::move_only_function<void()> job, std::move_only_function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(Job{std::move(job), std::move(done)});
  }
  wake_.notify_one();
}

void ThreadWorker::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job.work();
    job.work = nullptr;
    loop_.post([alive = alive_, done = std::move(job.done)]() mutable {
      if (*alive) done();
    });
    lock.lock();
  }
}

}  // namespace quoll::os
