// Detects pauses of the whole machine: the host took a processor away, or let it wait for memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <sched.h>
#include <thread>
#include <time.h>
#include <vector>

#include "crowds.h"

namespace zkload {

struct Span {
  std::uint64_t begin_ns, end_ns;
};

// Runs a thread of the highest priority on each processor that only looks at the clock. If even this thread runs late,
// no other thread could run there. Without the permission for that priority it records nothing, because it may just
// have waited for other threads.
class Standstill {
 public:
  Standstill() {
    cpu_set_t allowed;
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &allowed)) threads_.emplace_back([this, cpu] { watch(cpu); });
  }
  ~Standstill() { end(); }
  Standstill(const Standstill&) = delete;
  Standstill& operator=(const Standstill&) = delete;

  // Stops recording; within() may be called from now on.
  void end() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    join_overlapping();
  }

  const std::vector<Span>& spans() const { return spans_; }

  // The duration of pauses within this span.
  std::uint64_t within(Span time) const {
    std::uint64_t sum = 0;
    auto at = std::ranges::lower_bound(spans_, time.begin_ns, {}, &Span::end_ns);
    for (; at != spans_.end() && at->begin_ns < time.end_ns; ++at)
      sum += std::min(at->end_ns, time.end_ns) - std::max(at->begin_ns, time.begin_ns);
    return sum;
  }

 private:
  static constexpr std::uint64_t kEvery = 1'000'000;
  // A shorter delay is normal work of the kernel.
  static constexpr std::uint64_t kLate = 5'000'000;

  void watch(int cpu) {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(cpu, &here);
    const sched_param first{.sched_priority = ::sched_get_priority_max(SCHED_FIFO)};
    if (::sched_setaffinity(0, sizeof here, &here) != 0 || ::sched_setscheduler(0, SCHED_FIFO, &first) != 0) return;
    while (!over_) {
      const std::uint64_t due = now_ns() + kEvery;
      const timespec until{static_cast<time_t>(due / 1'000'000'000U), static_cast<long>(due % 1'000'000'000U)};
      ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
      const std::uint64_t woken = now_ns();
      if (woken < due + kLate) continue;
      const std::scoped_lock lock(mutex_);
      spans_.push_back({due, woken});
    }
  }

  void join_overlapping() {
    std::ranges::sort(spans_, {}, &Span::begin_ns);
    std::vector<Span> joined;
    for (const Span& span : spans_) {
      if (!joined.empty() && span.begin_ns <= joined.back().end_ns)
        joined.back().end_ns = std::max(joined.back().end_ns, span.end_ns);
      else
        joined.push_back(span);
    }
    spans_ = std::move(joined);
  }

  std::atomic<bool> over_ = false;
  std::mutex mutex_;
  std::vector<Span> spans_;
  std::vector<std::thread> threads_;
};

}  // namespace zkload
