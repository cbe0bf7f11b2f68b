// The client's operations as steps of coroutines (task.h), and what recipes need between them: pauses, events,
// repetition of what may be repeated.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/client.h"
#include "client/task.h"

namespace quoll::client {

// Named, because GCC 12 destroys braced values in the arguments of a `co_await` twice.
inline constexpr CreateMode kPersistent{};
inline constexpr CreateMode kEphemeral{.ephemeral = true};
inline constexpr CreateMode kPersistentSequential{.sequential = true};

// Remembers whether an event has come since it was last waited for; also that the session is over.
class Signal : public Watcher {
 public:
  explicit Signal(env::Timers& timers) : timers_(timers) {}
  void on_event(const WatchEvent&) override { fire(); }
  void on_state(State state) override {
    if (is_final(state)) fire();
  }
  void fire();
  // Ready when it has been fired since the last time; request_timeout after `timeout_ms` (< 0: never).
  Awaited<void> fired(std::int64_t timeout_ms = -1);

 private:
  void tell(Result<void> result);
  env::Timers& timers_;
  bool is_fired_ = false;
  Done<void> waiting_;
  std::unique_ptr<env::Timer> timer_;
};

// True if the failure is only that of a connection, and another attempt may succeed.
bool is_passing(const Failure& failure, State state);
// The same, unless no server has been heard of for three session timeouts: whoever waits for the end of a step hears of
// it then.
bool may_repeat(const Failure& failure, const Client& client, const World& world);

// The operations of the client, each to be awaited. Those whose names begin with `sure_` are repeated until a server
// has answered, the session is over, or may_repeat() gives up; they are reads, or writes that may happen twice.
class Steps {
 public:
  Steps(Client& client, const World& world) : client_(client), world_(world) {}

  Awaited<Created> create(std::string path, Bytes data, CreateMode mode);
  Awaited<Created> create(std::string path, Bytes data) {
    return create(std::move(path), std::move(data), kPersistent);
  }
  Awaited<void> remove(std::string path, std::int32_t version = kAnyVersion);
  Awaited<Stat> set(std::string path, Bytes data, std::int32_t version = kAnyVersion);
  Awaited<std::vector<OperationResult>> multi(std::vector<Operation> operations);
  Awaited<NodeData> get(std::string path, std::shared_ptr<Watcher> watcher = nullptr);
  Awaited<std::optional<Stat>> exists(std::string path, std::shared_ptr<Watcher> watcher = nullptr);
  Awaited<Children> children(std::string path, std::shared_ptr<Watcher> watcher = nullptr);
  Awaited<void> sync(std::string path);
  Awaited<void> pause(std::int64_t ms);

  Task<Result<NodeData>> sure_get(std::string path, std::shared_ptr<Watcher> watcher = nullptr);
  Task<Result<std::optional<Stat>>> sure_exists(std::string path, std::shared_ptr<Watcher> watcher = nullptr);
  Task<Result<Children>> sure_children(std::string path, std::shared_ptr<Watcher> watcher = nullptr);
  // Until it is answered, everything that this session has sent before has happened, or never will, and the connected
  // server shows it. A sync is not enough: a leader answers it while writes are still on their way to its disk. This is
  // a write that is refused, because no znode has this version; `path` need not exist.
  Task<Result<void>> sure_order(std::string path);
  // Success also if it exists already, or is gone already.
  Task<Result<void>> sure_create(std::string path, Bytes data, CreateMode mode);
  Task<Result<void>> sure_create(std::string path, Bytes data) {
    return sure_create(std::move(path), std::move(data), kPersistent);
  }
  Task<Result<void>> sure_remove(std::string path);
  // Removes an ephemeral znode of this session; leaves alone what has taken its place.
  Task<Result<void>> remove_own(std::string path);
  // Creates the znode and its parents, as empty persistent znodes, as far as they are missing.
  Task<Result<void>> make_path(std::string path);

  [[nodiscard]] std::shared_ptr<Signal> signal() const { return std::make_shared<Signal>(world_.timers); }
  [[nodiscard]] bool may_repeat(const Failure& failure) const { return client::may_repeat(failure, client_, world_); }
  [[nodiscard]] Client& client() const { return client_; }
  [[nodiscard]] const World& world() const { return world_; }

 private:
  Client& client_;
  const World world_;
};

// Of no znode.
inline constexpr std::int32_t kNoVersion = INT32_MIN;

// How long a step waits before it is made again.
inline constexpr std::int64_t kAgainMs = 100;

}  // namespace quoll::client
