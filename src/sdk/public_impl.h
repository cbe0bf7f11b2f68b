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
  static sdk::Blocking& of(Client& client) { return client.impl_->blocking; }
  static std::shared_ptr<client::Watcher> of(Watcher& watcher);
};

}  // namespace quoll::zk
