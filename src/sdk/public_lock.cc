// The installed lock (include/quoll/lock.h) on the blocking member of a line.
#include "quoll/lock.h"
#include "recipes/multi_lock.h"
#include "sdk/blocking_line.h"
#include "sdk/convert.h"
#include "sdk/hosted.h"
#include "sdk/public_impl.h"

namespace quoll::zk {

class Lock::Impl {
 public:
  Impl(sdk::Blocking& client, recipes::LineOptions options) : line(client, std::move(options), {}) {}
  sdk::BlockingLine line;
};

Lock::Lock(Client& client, std::string path, LockOptions options)
    : impl_(std::make_unique<Impl>(
          Inside::of(client), recipes::LineOptions{std::move(path), std::move(options.name), std::move(options.data),
                                                   options.holders_max})) {}
Lock::~Lock() = default;

Result<std::int64_t> Lock::acquire(std::chrono::milliseconds patience) {
  return sdk::to_public<std::int64_t>(impl_->line.acquire(patience.count()),
                                      [](const recipes::Token& token) { return token.czxid; });
}

Result<std::vector<OperationResult>> Lock::write(const std::vector<Operation>& operations) {
  return sdk::to_public(impl_->line.write(sdk::to_internal(operations)));
}

bool Lock::surely_held() const {
  return impl_->line.surely_held();
}

void Lock::release() {
  impl_->line.release();
}

// ---- several locks

class MultiLock::Impl : public sdk::Hosted<recipes::MultiLock> {
  using Hosted::Hosted;
};

namespace {
std::vector<recipes::LineOptions> locks_of(const std::vector<std::string>& paths) {
  std::vector<recipes::LineOptions> locks;
  for (const std::string& path : paths) locks.push_back({.path = path, .data = {}});
  return locks;
}
}  // namespace

MultiLock::MultiLock(Client& client, const std::vector<std::string>& paths)
    : impl_(std::make_unique<Impl>(Inside::of(client), locks_of(paths))) {}
MultiLock::~MultiLock() {
  release();
}

Result<void> MultiLock::acquire(std::chrono::milliseconds patience) {
  return impl_->wait_void(
      [&](recipes::MultiLock& locks, client::Done<void> done) { locks.acquire(patience.count(), std::move(done)); });
}

Result<std::vector<OperationResult>> MultiLock::write(const std::vector<Operation>& operations) {
  using Results = std::vector<client::OperationResult>;
  const auto inner = sdk::to_internal(operations);
  return sdk::to_public(impl_->wait<Results>(
      [&](recipes::MultiLock& locks, client::Done<Results> done) { locks.write(inner, std::move(done)); }));
}

bool MultiLock::surely_held() const {
  return impl_->look([](const recipes::MultiLock& locks) { return locks.surely_held(); });
}

void MultiLock::release() {
  (void)impl_->wait_void([](recipes::MultiLock& locks, client::Done<void> done) { locks.release(std::move(done)); });
}

}  // namespace quoll::zk
