// A client whose calls wait for their result. Any thread may use it, and several at once.
#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/client.h"
#include "sdk/runtime.h"

namespace quoll::sdk {

// Watchers and `on_state` are called on the runtime's thread: they must be short, and must not make calls that wait.
class Blocking {
 public:
  // The runtime must outlive the client.
  Blocking(Runtime& runtime, client::Options options, std::function<void(client::State)> on_state);
  // Closes the session, if close() has not.
  ~Blocking();
  Blocking(const Blocking&) = delete;
  Blocking& operator=(const Blocking&) = delete;

  // Makes a call on the loop and waits for its result: wait<Stat>([&](client::Client& client, auto done) { ... }).
  template <typename T, typename MakeCall>
  client::Result<T> wait(MakeCall make) {
    // Shared: the loop's thread still uses it when this one has its result.
    const auto promise = std::make_shared<std::promise<client::Result<T>>>();
    auto future = promise->get_future();
    runtime_.post([this, promise, &make] {
      make(*client_, client::Done<T>([promise](client::Result<T> got) { promise->set_value(std::move(got)); }));
    });
    return runtime_.await(std::move(future));
  }

  // Makes a call on the loop and waits for its return.
  void with(const std::function<void(client::Client&)>& call) {
    runtime_.run([&] { call(*client_); });
  }
  [[nodiscard]] Runtime& runtime() { return runtime_; }
  // For calls that are on the loop already.
  [[nodiscard]] client::Client& on_loop() { return *client_; }

  client::Result<client::Created> create(const std::string& path, const client::Bytes& data,
                                         const client::CreateOptions& options);
  client::Result<void> remove(const std::string& path, std::int32_t version);
  client::Result<std::optional<Stat>> exists(const std::string& path,
                                             std::shared_ptr<client::Watcher> watcher = nullptr);
  client::Result<client::NodeData> get(const std::string& path, std::shared_ptr<client::Watcher> watcher = nullptr);
  client::Result<Stat> set(const std::string& path, const client::Bytes& data, std::int32_t version);
  client::Result<client::NodeAcl> get_acl(const std::string& path);
  client::Result<Stat> set_acl(const std::string& path, const AclList& acl, std::int32_t version);
  client::Result<client::Children> children(const std::string& path,
                                            std::shared_ptr<client::Watcher> watcher = nullptr);
  client::Result<void> sync(const std::string& path);
  client::Result<std::vector<client::OperationResult>> multi(const std::vector<client::Operation>& operations);
  client::Result<void> add_auth(const std::string& scheme, const std::string& auth);

  // True when the session is connected within this time, or as long as `timeout_ms` < 0 and it is not over.
  bool wait_connected(std::int64_t timeout_ms);
  [[nodiscard]] client::State state();
  [[nodiscard]] std::string last_trouble();
  [[nodiscard]] std::int64_t session_id();
  // Ends the session; waits until the server knows.
  void close();

 private:
  Runtime& runtime_;
  std::mutex mutex_;
  std::condition_variable changed_;
  client::State state_ = client::State::connecting;  // under the mutex
  std::unique_ptr<client::Client> client_;           // on the loop
};

}  // namespace quoll::sdk
