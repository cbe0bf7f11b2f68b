// What the installed client consists of.
#pragma once

#include <memory>
#include <utility>

#include "quoll/client.h"
#include "sdk/blocking.h"

namespace quoll::zk {

class Client::Impl {
 public:
  Impl(std::unique_ptr<sdk::Runtime> made, client::Options options)
      : runtime(std::move(made)), blocking(*runtime, std::move(options), {}) {}
  std::unique_ptr<sdk::Runtime> runtime;
  sdk::Blocking blocking;
};

class Inside {
 public:
  // As Client::open, on a runtime of the caller's. The servers' names are resolved by its world.
  QUOLL_API static Result<Client> open(std::unique_ptr<sdk::Runtime> runtime, const Options& options);
  static sdk::Blocking& of(Client& client) { return client.impl_->blocking; }
  // The watcher as this client knows it.
  static std::shared_ptr<client::Watcher> of(Watcher& watcher, sdk::Blocking& client);
};

}  // namespace quoll::zk
