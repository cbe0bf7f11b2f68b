#include "client/steps.h"

namespace quoll::client {

void Signal::fire() {
  if (!waiting_) {
    is_fired_ = true;
    return;
  }
  tell({});
}

void Signal::tell(Result<void> result) {
  // Later: an event is told to all watchers before anything happens because of it.
  timer_ = timers_.after(0, [this, result = std::move(result)]() mutable {
    if (auto waiting = std::exchange(waiting_, nullptr)) waiting(std::move(result));
  });
}

Awaited<void> Signal::fired(std::int64_t timeout_ms) {
  if (std::exchange(is_fired_, false)) return Awaited<void>(Result<void>());
  return Awaited<void>([this, timeout_ms](Done<void> done) {
    waiting_ = std::move(done);
    if (timeout_ms < 0) return;
    timer_ = timers_.after(timeout_ms, [this] {
      Failure late{Error::request_timeout, Fate::answered, "the time is over", {}, {}};
      if (auto waiting = std::exchange(waiting_, nullptr)) waiting(std::unexpected(std::move(late)));
    });
  });
}

bool is_passing(const Failure& failure, State state) {
  if (is_final(state)) return false;
  return failure.code == Error::connection_loss || failure.code == Error::throttled_op ||
         failure.code == Error::session_moved ||
         (failure.code == Error::request_timeout && failure.fate != Fate::answered);
}

bool may_repeat(const Failure& failure, const Client& client, const World& world) {
  const std::int64_t silent_us = world.clock.elapsed_us() - client.session().proven_us();
  return is_passing(failure, client.state()) && silent_us < 3 * client.session().timeout_ms() * 1000;
}

Awaited<Created> Steps::create(std::string path, Bytes data, CreateMode mode) {
  return Awaited<Created>([this, path = std::move(path), data = std::move(data), mode](Done<Created> done) {
    CreateOptions options;
    options.mode = mode;
    client_.create(path, data, options, std::move(done));
  });
}
Awaited<void> Steps::remove(std::string path, std::int32_t version) {
  return Awaited<void>(
      [this, path = std::move(path), version](Done<void> done) { client_.remove(path, version, std::move(done)); });
}
Awaited<Stat> Steps::set(std::string path, Bytes data, std::int32_t version) {
  return Awaited<Stat>([this, path = std::move(path), data = std::move(data), version](Done<Stat> done) {
    client_.set(path, data, version, std::move(done));
  });
}
Awaited<std::vector<OperationResult>> Steps::multi(std::vector<Operation> operations) {
  using Results = std::vector<OperationResult>;
  return Awaited<Results>(
      [this, operations = std::move(operations)](Done<Results> done) { client_.multi(operations, std::move(done)); });
}
Awaited<NodeData> Steps::get(std::string path, std::shared_ptr<Watcher> watcher) {
  return Awaited<NodeData>([this, path = std::move(path), watcher = std::move(watcher)](Done<NodeData> done) {
    client_.get(path, watcher, std::move(done));
  });
}
Awaited<std::optional<Stat>> Steps::exists(std::string path, std::shared_ptr<Watcher> watcher) {
  return Awaited<std::optional<Stat>>(
      [this, path = std::move(path), watcher = std::move(watcher)](Done<std::optional<Stat>> done) {
        client_.exists(path, watcher, std::move(done));
      });
}
Awaited<Children> Steps::children(std::string path, std::shared_ptr<Watcher> watcher) {
  return Awaited<Children>([this, path = std::move(path), watcher = std::move(watcher)](Done<Children> done) {
    client_.children(path, watcher, std::move(done));
  });
}
Awaited<void> Steps::sync(std::string path) {
  return Awaited<void>([this, path = std::move(path)](Done<void> done) { client_.sync(path, std::move(done)); });
}

Awaited<void> Steps::pause(std::int64_t ms) {
  // The timer lives as long as the wait: it is a part of the function that the coroutine keeps.
  return Awaited<void>([this, ms, timer = std::unique_ptr<env::Timer>()](Done<void> done) mutable {
    timer = world_.timers.after(ms, [done = std::move(done)]() mutable {
      // The wait's end destroys the timer, and with it this function.
      Done<void> now = std::move(done);
      now({});
    });
  });
}

Task<Result<NodeData>> Steps::sure_get(std::string path, std::shared_ptr<Watcher> watcher) {
  while (true) {
    auto result = co_await get(path, watcher);
    if (result || !may_repeat(result.error())) co_return result;
    (void)co_await pause(kAgainMs);
  }
}
Task<Result<std::optional<Stat>>> Steps::sure_exists(std::string path, std::shared_ptr<Watcher> watcher) {
  while (true) {
    auto result = co_await exists(path, watcher);
    if (result || !may_repeat(result.error())) co_return result;
    (void)co_await pause(kAgainMs);
  }
}
Task<Result<Children>> Steps::sure_children(std::string path, std::shared_ptr<Watcher> watcher) {
  while (true) {
    auto result = co_await children(path, watcher);
    if (result || !may_repeat(result.error())) co_return result;
    (void)co_await pause(kAgainMs);
  }
}
Task<Result<void>> Steps::sure_order(std::string path) {
  while (true) {
    auto result = co_await remove(path, kNoVersion);
    if (result || result.error().fate == Fate::answered) co_return Result<void>();
    if (!may_repeat(result.error())) co_return result;
    (void)co_await pause(kAgainMs);
  }
}
Task<Result<void>> Steps::sure_create(std::string path, Bytes data, CreateMode mode) {
  while (true) {
    auto result = co_await create(path, data, mode);
    if (result || result.error().code == Error::node_exists) co_return Result<void>();
    if (!may_repeat(result.error())) co_return std::unexpected(std::move(result.error()));
    (void)co_await pause(kAgainMs);
  }
}
Task<Result<void>> Steps::sure_remove(std::string path) {
  while (true) {
    auto result = co_await remove(path);
    if (result || result.error().code == Error::no_node) co_return Result<void>();
    if (!may_repeat(result.error())) co_return result;
    (void)co_await pause(kAgainMs);
  }
}

// A remove whose answer was lost is not just made again: another session may have created the znode meanwhile.
Task<Result<void>> Steps::remove_own(std::string path) {
  while (true) {
    if (auto ordered = co_await sure_order(path); !ordered) co_return ordered;
    const auto node = co_await sure_exists(path);
    if (!node) co_return std::unexpected(node.error());
    if (!*node || (*node)->ephemeral_owner != client_.session().id()) co_return Result<void>();
    auto removed = co_await remove(path);
    if (removed || removed.error().code == Error::no_node) co_return Result<void>();
    if (!may_repeat(removed.error())) co_return removed;
    (void)co_await pause(kAgainMs);
  }
}

Task<Result<void>> Steps::make_path(std::string path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    auto made = co_await sure_create(path.substr(0, end), Bytes(""));
    if (!made || end == std::string::npos) co_return made;
  }
}

}  // namespace quoll::client
