// The installed counters, generators of ids, barriers and queues (include/quoll) on those of the room recipes.
#include "quoll/barrier.h"
#include "quoll/counter.h"
#include "quoll/queue.h"
#include "recipes/barrier.h"
#include "recipes/counter.h"
#include "recipes/ids.h"
#include "recipes/queue.h"
#include "sdk/hosted.h"
#include "sdk/public_impl.h"

namespace quoll::zk {

using client::Done;

// ---- counters and ids

class Counter::Impl : public sdk::Hosted<recipes::Counter> {
  using Hosted::Hosted;
};
Counter::Counter(Client& client, std::string path)
    : impl_(std::make_unique<Impl>(Inside::of(client), std::move(path))) {}
Counter::~Counter() = default;
Result<std::int64_t> Counter::get() {
  return impl_->wait_number([](recipes::Counter& counter, Done<std::int64_t> done) { counter.get(std::move(done)); });
}
Result<std::int64_t> Counter::add(std::int64_t delta) {
  return impl_->wait_number(
      [delta](recipes::Counter& counter, Done<std::int64_t> done) { counter.add(delta, std::move(done)); });
}

class BlockIds::Impl : public sdk::Hosted<recipes::BlockIds> {
  using Hosted::Hosted;
};
BlockIds::BlockIds(Client& client, std::string path, std::int64_t block)
    : impl_(std::make_unique<Impl>(Inside::of(client), std::move(path), block)) {}
BlockIds::~BlockIds() = default;
Result<std::int64_t> BlockIds::next() {
  return impl_->wait_number([](recipes::BlockIds& ids, Done<std::int64_t> done) { ids.next(std::move(done)); });
}

class SnowflakeIds::Impl : public sdk::Hosted<recipes::SnowflakeIds> {
  using Hosted::Hosted;
};
SnowflakeIds::SnowflakeIds(Client& client, std::string path)
    : impl_(std::make_unique<Impl>(Inside::of(client), std::move(path))) {}
SnowflakeIds::~SnowflakeIds() = default;
Result<std::int64_t> SnowflakeIds::next() {
  return impl_->wait_number([](recipes::SnowflakeIds& ids, Done<std::int64_t> done) { ids.next(std::move(done)); });
}

// ---- barriers

class Barrier::Impl : public sdk::Hosted<recipes::Barrier> {
  using Hosted::Hosted;
};
Barrier::Barrier(Client& client, std::string path)
    : impl_(std::make_unique<Impl>(Inside::of(client), std::move(path))) {}
Barrier::~Barrier() = default;
Result<void> Barrier::set() {
  return impl_->wait_void([](recipes::Barrier& barrier, Done<void> done) { barrier.set(std::move(done)); });
}
Result<void> Barrier::lift() {
  return impl_->wait_void([](recipes::Barrier& barrier, Done<void> done) { barrier.lift(std::move(done)); });
}
Result<void> Barrier::wait(std::chrono::milliseconds patience) {
  return impl_->wait_void(
      [&](recipes::Barrier& barrier, Done<void> done) { barrier.wait(patience.count(), std::move(done)); });
}

class DoubleBarrier::Impl : public sdk::Hosted<recipes::DoubleBarrier> {
  using Hosted::Hosted;
};
DoubleBarrier::DoubleBarrier(Client& client, std::string path, std::int32_t count)
    : impl_(std::make_unique<Impl>(Inside::of(client), std::move(path), count)) {}
DoubleBarrier::~DoubleBarrier() = default;
Result<void> DoubleBarrier::enter(std::chrono::milliseconds patience) {
  return impl_->wait_void(
      [&](recipes::DoubleBarrier& barrier, Done<void> done) { barrier.enter(patience.count(), std::move(done)); });
}
Result<void> DoubleBarrier::leave(std::chrono::milliseconds patience) {
  return impl_->wait_void(
      [&](recipes::DoubleBarrier& barrier, Done<void> done) { barrier.leave(patience.count(), std::move(done)); });
}

// ---- queues

class Queue::Impl : public sdk::Hosted<recipes::Queue> {
  using Hosted::Hosted;
};
Queue::Queue(Client& client, QueueOptions options)
    : impl_(std::make_unique<Impl>(Inside::of(client),
                                   recipes::QueueOptions{std::move(options.path), options.items_max})) {}
Queue::~Queue() = default;
Result<void> Queue::put(const std::string& data, PutOptions options) {
  const recipes::PutOptions how{options.priority, options.delay.count()};
  return impl_->wait_void([&](recipes::Queue& queue, Done<void> done) { queue.put(data, how, std::move(done)); });
}
Result<QueueItem> Queue::take(std::chrono::milliseconds patience) {
  auto taken = impl_->wait<recipes::QueueItem>(
      [&](recipes::Queue& queue, Done<recipes::QueueItem> done) { queue.take(patience.count(), std::move(done)); });
  if (!taken) return std::unexpected(sdk::to_public(std::move(taken.error())));
  return QueueItem{std::move(taken->name), std::move(taken->data)};
}
Result<void> Queue::acknowledge(const QueueItem& item) {
  return impl_->wait_void(
      [&](recipes::Queue& queue, Done<void> done) { queue.acknowledge(item.name, std::move(done)); });
}
Result<void> Queue::give_back(const QueueItem& item) {
  return impl_->wait_void([&](recipes::Queue& queue, Done<void> done) { queue.give_back(item.name, std::move(done)); });
}

}  // namespace quoll::zk
