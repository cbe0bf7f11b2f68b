#include "recipes/multi_lock.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/check.h"

namespace quoll::recipes {

using client::Result;
using client::Task;
using Results = std::vector<client::OperationResult>;

MultiLock::MultiLock(client::Client& client, const client::World& world, std::vector<LineOptions> locks)
    : steps_(client, world) {
  std::ranges::sort(locks, {}, &LineOptions::path);
  for (LineOptions& each : locks) {
    lines_.push_back(std::make_unique<Line>(client, world, std::move(each)));
    lines_.back()->on_lost([this] {
      if (std::exchange(is_held_, false) && on_lost_) on_lost_();
    });
  }
}

client::Awaited<Token> MultiLock::take(Line& line, std::int64_t timeout_ms) {
  return client::Awaited<Token>(
      [&line, timeout_ms](client::Done<Token> done) { line.acquire(timeout_ms, std::move(done)); });
}

client::Awaited<void> MultiLock::let_go(Line& line) {
  return client::Awaited<void>([&line, this](client::Done<void> done) {
    if (line.state() == Line::State::out)
      return steps_.world().timers.post([done = std::move(done)]() mutable { done({}); });
    line.release([done = std::move(done)]() mutable { done({}); });
  });
}

Task<Result<void>> MultiLock::take_all(std::int64_t timeout_ms) {
  const std::int64_t until_ms = steps_.world().clock.elapsed_ms() + timeout_ms;
  for (const auto& line : lines_) {
    const std::int64_t left_ms = until_ms - steps_.world().clock.elapsed_ms();
    auto taken = co_await take(*line, timeout_ms == 0 ? 0 : std::max<std::int64_t>(left_ms, 1));
    if (taken) continue;
    (void)co_await release_all();
    co_return std::unexpected(std::move(taken.error()));
  }
  // An earlier one may have been lost while this member waited for a later one.
  const auto lost = std::ranges::find_if(lines_, [](const auto& each) { return each->state() != Line::State::held; });
  is_held_ = lost == lines_.end();
  if (is_held_) co_return Result<void>();
  const std::string text = fmt::format("{} was lost while the other locks were taken", (*lost)->path());
  (void)co_await release_all();
  co_return std::unexpected(client::Failure{Error::no_node, client::Fate::answered, text, {}, {}});
}

Task<Result<void>> MultiLock::release_all() {
  is_held_ = false;
  for (auto each = lines_.rbegin(); each != lines_.rend(); ++each) (void)co_await let_go(**each);
  co_return Result<void>();
}

void MultiLock::acquire(std::int64_t timeout_ms, client::Done<void> done) {
  client::start<void>(take_all(timeout_ms), life_, std::move(done));
}

void MultiLock::release(client::Done<void> done) {
  client::start<void>(release_all(), life_, std::move(done));
}

bool MultiLock::surely_held() const {
  return is_held_ && std::ranges::all_of(lines_, [](const auto& each) { return each->surely_held(); });
}

void MultiLock::write(const std::vector<client::Operation>& operations, client::Done<Results> done) {
  if (!is_held_) {
    return steps_.world().timers.post([done = std::move(done)]() mutable {
      done(std::unexpected(client::Failure{
          Error::no_node, client::Fate::not_sent, "the locks are not held; nothing was written", 0, {}}));
    });
  }
  std::vector<client::Operation> all;
  for (const auto& each : lines_) all.emplace_back(client::op::Check{each->node(), client::kAnyVersion});
  all.insert(all.end(), operations.begin(), operations.end());
  steps_.client().multi(all, [count = lines_.size(), done = std::move(done)](Result<Results> result) mutable {
    if (result) result->erase(result->begin(), result->begin() + static_cast<std::ptrdiff_t>(count));
    done(std::move(result));
  });
}

}  // namespace quoll::recipes
