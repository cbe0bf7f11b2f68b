#include "sim/workers.h"

#include <deque>

namespace quoll::sim {

class Worker : public env::Worker {
  using Call = std::move_only_function<void()>;
  struct Job {
    Call work;
    Call done;
  };

 public:
  explicit Worker(Workers& workers) : workers_(workers) {}
  ~Worker() override {
    alive_.reset();
    // As when a thread is joined: submitted jobs are executed, but `done` is not called.
    for (Job& job : jobs_) job.work();
  }

  void run(Call work, Call done) override {
    jobs_.push_back(Job{std::move(work), std::move(done)});
    if (jobs_.size() == 1) schedule();
  }

 private:
  void schedule() {
    EventLoop& loop = workers_.loop_;
    const auto spread = static_cast<std::uint64_t>(workers_.latency_us_max - workers_.latency_us_min + 1);
    loop.after(workers_.latency_us_min + static_cast<std::int64_t>(loop.scheduler().chance().below(spread)),
               Gate::Kind::other, [this, alive = std::weak_ptr<bool>(alive_)] {
                 if (!alive.expired()) start_next();
               });
  }

  void start_next() {
    if (workers_.hanging_) {
      workers_.waiting_.push_back([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) start_next();
      });
      return;
    }
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    job.work();
    workers_.loop_.post([done = std::move(job.done), alive = std::weak_ptr<bool>(alive_)]() mutable {
      if (!alive.expired()) done();
    });
    if (!jobs_.empty()) schedule();
  }

  Workers& workers_;
  std::deque<Job> jobs_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

std::unique_ptr<env::Worker> Workers::start(std::string_view) {
  return std::make_unique<Worker>(*this);
}

void Workers::go_on() {
  hanging_ = false;
  for (auto& call : std::exchange(waiting_, {})) loop_.post(std::move(call));
}

}  // namespace quoll::sim
