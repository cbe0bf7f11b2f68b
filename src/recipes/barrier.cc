#include "recipes/barrier.h"

#include <algorithm>
#include <fmt/format.h>

#include "recipes/unique.h"

namespace quoll::recipes {

using client::Result;
using client::Task;

namespace {

constexpr const char* kReady = "/ready";

// Until when, by Clock::elapsed_ms.
std::int64_t end_of(const client::Steps& steps, std::int64_t timeout_ms) {
  return timeout_ms == 0 ? INT64_MAX : steps.world().clock.elapsed_ms() + timeout_ms;
}

// What is left of it, as Signal::fired takes it.
std::int64_t left_ms(const client::Steps& steps, std::int64_t until_ms) {
  return until_ms == INT64_MAX ? -1 : std::max<std::int64_t>(0, until_ms - steps.world().clock.elapsed_ms());
}

std::string parent_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

client::Failure late(std::string text) {
  return {Error::request_timeout, client::Fate::answered, std::move(text), {}, {}};
}

// Creates it with its parents.
Task<Result<void>> make(client::Steps steps, std::string path) {
  if (!parent_of(path).empty()) {
    if (auto made = co_await steps.make_path(parent_of(path)); !made) co_return made;
  }
  co_return co_await steps.sure_create(path, "");
}

}  // namespace

void Barrier::set(client::Done<void> done) {
  client::start<void>(make(steps_, path_), life_, std::move(done));
}

void Barrier::lift(client::Done<void> done) {
  client::start<void>(steps_.sure_remove(path_), life_, std::move(done));
}

void Barrier::wait(std::int64_t timeout_ms, client::Done<void> done) {
  client::start<void>(wait_gone(timeout_ms), life_, std::move(done));
}

Task<Result<void>> Barrier::wait_gone(std::int64_t timeout_ms) {
  const std::int64_t until_ms = end_of(steps_, timeout_ms);
  const auto signal = steps_.signal();
  while (true) {
    const auto node = co_await steps_.sure_get(path_, signal);
    if (!node && node.error().code == Error::no_node) co_return Result<void>();
    if (!node) co_return std::unexpected(node.error());
    if (!co_await signal->fired(left_ms(steps_, until_ms)))
      co_return std::unexpected(late(fmt::format("the barrier {} was not lifted in time", path_)));
  }
}

DoubleBarrier::DoubleBarrier(client::Client& client, const client::World& world, std::string path, std::int32_t count)
    : steps_(client, world), path_(std::move(path)), count_(count), own_(path_ + "/" + uuid(world.random)) {}

void DoubleBarrier::enter(std::int64_t timeout_ms, client::Done<void> done) {
  client::start<void>(go_in(timeout_ms), life_, std::move(done));
}

Task<Result<void>> DoubleBarrier::go_in(std::int64_t timeout_ms) {
  const std::int64_t until_ms = end_of(steps_, timeout_ms);
  if (auto made = co_await steps_.make_path(path_); !made) co_return made;
  if (auto made = co_await steps_.sure_create(own_, "", client::kEphemeral); !made) co_return made;
  auto ready = co_await wait_ready(until_ms);
  if (ready || ready.error().code != Error::request_timeout) co_return ready;
  (void)co_await steps_.remove_own(own_);
  co_return ready;
}

Task<Result<void>> DoubleBarrier::wait_ready(std::int64_t until_ms) {
  const auto signal = steps_.signal();
  while (true) {
    const auto ready = co_await steps_.sure_exists(path_ + kReady, signal);
    if (!ready) co_return std::unexpected(ready.error());
    if (*ready) co_return Result<void>();
    const auto others = co_await steps_.sure_children(path_);
    if (!others) co_return std::unexpected(others.error());
    if (static_cast<std::int32_t>(others->names.size()) >= count_)
      co_return co_await steps_.sure_create(path_ + kReady, "");
    if (!co_await signal->fired(left_ms(steps_, until_ms)))
      co_return std::unexpected(
          late(fmt::format("{}: only {} of {} members have come in time", path_, others->names.size(), count_)));
  }
}

void DoubleBarrier::leave(std::int64_t timeout_ms, client::Done<void> done) {
  client::start<void>(go_out(timeout_ms), life_, std::move(done));
}

Task<Result<void>> DoubleBarrier::go_out(std::int64_t timeout_ms) {
  const std::int64_t until_ms = end_of(steps_, timeout_ms);
  if (auto left = co_await steps_.remove_own(own_); !left) co_return left;
  const auto signal = steps_.signal();
  while (true) {
    auto others = co_await steps_.sure_children(path_);
    if (!others) co_return std::unexpected(others.error());
    std::erase(others->names, "ready");
    if (others->names.empty()) co_return co_await steps_.sure_remove(path_ + kReady);
    const auto other = co_await steps_.sure_get(path_ + "/" + std::ranges::min(others->names), signal);
    if (!other && other.error().code == Error::no_node) continue;
    if (!other) co_return std::unexpected(other.error());
    if (!co_await signal->fired(left_ms(steps_, until_ms)))
      co_return std::unexpected(late(fmt::format("{}: {} members have not left in time", path_, others->names.size())));
  }
}

}  // namespace quoll::recipes
