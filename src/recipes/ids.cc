#include "recipes/ids.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace quoll::recipes {

using client::Result;
using client::Task;

// ---- blocks

void BlockIds::next(client::Done<std::int64_t> done) {
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  if (next_ < end_)
    return timers_.post([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) serve({});
    });
  client::start<void>(refill(), life_, [this](const Result<void>& result) { serve(result); });
}

Task<Result<void>> BlockIds::refill() {
  while (true) {
    const auto last = co_await counter_.added(block_);
    if (last) {
      next_ = *last - block_ + 1;
      end_ = *last + 1;
      co_return Result<void>();
    }
    // A block that may be ours is nobody's.
    if (!counter_.may_repeat(last.error())) co_return std::unexpected(last.error());
  }
}

// Those who wait get what there is; if that is not enough, another block is taken for the rest.
void BlockIds::serve(const Result<void>& refilled) {
  while (!waiting_.empty() && (!refilled || next_ < end_)) {
    auto done = std::move(waiting_.front());
    waiting_.pop_front();
    if (refilled) {
      done(next_++);
    } else {
      done(std::unexpected(refilled.error()));
    }
  }
  if (!waiting_.empty()) client::start<void>(refill(), life_, [this](const Result<void>& result) { serve(result); });
}

// ---- snowflakes

SnowflakeIds::SnowflakeIds(client::Client& client, const client::World& world, std::string path)
    : steps_(client, world), path_(std::move(path)) {}

std::string SnowflakeIds::lease_path() const {
  return fmt::format("{}/workers/{}", path_, worker_);
}
std::string SnowflakeIds::mark_path() const {
  return fmt::format("{}/marks/{}", path_, worker_);
}

void SnowflakeIds::next(client::Done<std::int64_t> done) {
  client::start<std::int64_t>(make(), life_, std::move(done));
}

Task<Result<std::int64_t>> SnowflakeIds::make() {
  // Never from inside the call.
  (void)co_await steps_.pause(0);
  while (true) {
    std::int64_t time_ms = std::max(now_ms(), time_ms_);
    if (time_ms == time_ms_ && sequence_ >= kSequenceMax) ++time_ms;
    if (worker_ >= 0 && time_ms <= mark_ms_) {
      if (time_ms != time_ms_) sequence_ = 0;
      time_ms_ = time_ms;
      co_return (time_ms << 22) | (static_cast<std::int64_t>(worker_) << 12) | sequence_++;
    }
    if (auto extended = co_await extend(); !extended) co_return std::unexpected(extended.error());
  }
}

// One at a time, for all who wait.
Task<Result<void>> SnowflakeIds::extend() {
  if (is_extending_) {
    const auto signal = steps_.signal();
    waiting_.push_back(signal);
    (void)co_await signal->fired();
    co_return Result<void>();
  }
  is_extending_ = true;
  Result<void> result;
  if (worker_ < 0) result = co_await lease();
  if (result) result = co_await move_mark();
  is_extending_ = false;
  for (const auto& each : std::exchange(waiting_, {})) each->fire();
  co_return result;
}

Task<Result<void>> SnowflakeIds::lease() {
  for (const char* const name : {"/workers", "/marks"}) {
    if (auto made = co_await steps_.make_path(path_ + name); !made) co_return made;
  }
  while (true) {
    const auto taken = co_await steps_.sure_children(path_ + "/workers");
    if (!taken) co_return std::unexpected(taken.error());
    const std::vector<int> free = free_workers(taken->names);
    if (free.empty())
      co_return std::unexpected(client::Failure{Error::quota_exceeded,
                                                client::Fate::answered,
                                                fmt::format("all {} worker ids of {} are taken", kWorkersMax, path_),
                                                {},
                                                {}});
    const int worker = free[steps_.world().random.below(free.size())];
    const auto got = co_await take(worker);
    if (!got) co_return std::unexpected(got.error());
    if (*got) co_return Result<void>();
  }
}

// At the first start in a long time many may choose at once: at random they rarely choose the same.
std::vector<int> SnowflakeIds::free_workers(const std::vector<std::string>& taken) {
  std::vector<bool> is_taken(kWorkersMax, false);
  for (const std::string& name : taken) {
    int worker = -1;
    std::from_chars(name.data(), name.data() + name.size(), worker);
    if (worker >= 0 && worker < kWorkersMax) is_taken[static_cast<std::size_t>(worker)] = true;
  }
  std::vector<int> free;
  for (int worker = 0; worker < kWorkersMax; ++worker) {
    if (!is_taken[static_cast<std::size_t>(worker)]) free.push_back(worker);
  }
  return free;
}

Task<Result<bool>> SnowflakeIds::take(int worker) {
  worker_ = worker;
  mark_ms_ = -1;
  const std::string path = lease_path();
  while (true) {
    const auto made = co_await steps_.create(path, "", client::kEphemeral);
    if (made) co_return true;
    // Two generators of one session never choose the same: the other one's lease is seen in the list, or here.
    if (made.error().code == Error::node_exists) break;
    if (!steps_.may_repeat(made.error())) {
      worker_ = -1;
      co_return std::unexpected(made.error());
    }
    (void)co_await steps_.pause(client::kAgainMs);
  }
  // It may be ours, made by an attempt whose answer was lost: then it is left to the session's end.
  worker_ = -1;
  co_return false;
}

std::vector<client::Operation> SnowflakeIds::mark_write(std::int64_t mark_ms) const {
  std::vector<client::Operation> operations;
  operations.emplace_back(client::op::Check{lease_path(), client::kAnyVersion});
  if (mark_version_ < 0) {
    operations.emplace_back(client::op::Create{mark_path(), std::to_string(mark_ms), client::CreateOptions()});
  } else {
    operations.emplace_back(client::op::Set{mark_path(), std::to_string(mark_ms), mark_version_});
  }
  return operations;
}

// Reads the mark, which only the holder of the lease moves, and moves it.
Task<Result<void>> SnowflakeIds::move_mark() {
  while (true) {
    if (auto ordered = co_await steps_.sure_order(mark_path()); !ordered) co_return ordered;
    const auto old = co_await steps_.sure_get(mark_path());
    if (!old && old.error().code != Error::no_node) co_return std::unexpected(old.error());
    mark_version_ = old ? old->stat.version : -1;
    std::int64_t old_ms = -1;
    if (old && old->data) std::from_chars(old->data->data(), old->data->data() + old->data->size(), old_ms);
    // Above everything that an earlier holder, or a write of ours whose answer was lost, may have allowed.
    if (old_ms > mark_ms_) {
      time_ms_ = std::max(time_ms_, old_ms + 1);
      sequence_ = 0;
    }
    const std::int64_t mark_ms = std::max(now_ms(), time_ms_) + kAheadMs;
    auto operations = mark_write(mark_ms);
    const auto written = co_await steps_.multi(std::move(operations));
    if (written) {
      mark_ms_ = mark_ms;
      co_return Result<void>();
    }
    const client::Failure& failure = written.error();
    if (failure.code == Error::no_node && failure.operation == 0U) {
      worker_ = -1;
      co_return std::unexpected(failure);
    }
    if (failure.fate == client::Fate::answered && failure.code != Error::bad_version &&
        failure.code != Error::node_exists && !steps_.may_repeat(failure))
      co_return std::unexpected(failure);
    if (client::is_final(steps_.client().state())) co_return std::unexpected(failure);
    (void)co_await steps_.pause(client::kAgainMs);
  }
}

}  // namespace quoll::recipes
