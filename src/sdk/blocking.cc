#include "sdk/blocking.h"

#include <chrono>

namespace quoll::sdk {

using client::Client;

Blocking::Blocking(Runtime& runtime, client::Options options, std::function<void(client::State)> on_state)
    : runtime_(runtime) {
  runtime_.run([&] {
    client_ = std::make_unique<Client>(runtime_.world(), std::move(options));
    client_->session().on_state([this, then = std::move(on_state)](client::State state) {
      // Whoever waits for the state sees what this has done.
      if (then) then(state);
      {
        const std::lock_guard lock(mutex_);
        state_ = state;
      }
      changed_.notify_all();
    });
  });
}

Blocking::~Blocking() {
  close();
  runtime_.run([this] { client_.reset(); });
}

void Blocking::close() {
  const auto done = std::make_shared<std::promise<void>>();
  auto closed = done->get_future();
  runtime_.post([this, done] { client_->close([done] { done->set_value(); }); });
  runtime_.await(std::move(closed));
}

client::State Blocking::state() {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::string Blocking::last_trouble() {
  std::string trouble;
  runtime_.run([&] { trouble = client_->session().last_trouble(); });
  return trouble;
}

std::int64_t Blocking::session_id() {
  std::int64_t id = 0;
  runtime_.run([&] { id = client_->session().id(); });
  return id;
}

bool Blocking::wait_connected(std::int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  const auto settled = [this] { return client::is_connected(state_) || client::is_final(state_); };
  if (timeout_ms < 0) {
    changed_.wait(lock, settled);
  } else {
    const auto time = runtime_.virtual_time();
    wait_for(lock, changed_, time.get(), std::chrono::milliseconds(timeout_ms), settled);
  }
  return client::is_connected(state_);
}

client::Result<client::Created> Blocking::create(const std::string& path, const client::Bytes& data,
                                                 const client::CreateOptions& options) {
  return wait<client::Created>([&](Client& zk, auto done) { zk.create(path, data, options, std::move(done)); });
}
client::Result<void> Blocking::remove(const std::string& path, std::int32_t version) {
  return wait<void>([&](Client& zk, auto done) { zk.remove(path, version, std::move(done)); });
}
client::Result<std::optional<Stat>> Blocking::exists(const std::string& path,
                                                     std::shared_ptr<client::Watcher> watcher) {
  return wait<std::optional<Stat>>([&](Client& zk, auto done) { zk.exists(path, watcher, std::move(done)); });
}
client::Result<client::NodeData> Blocking::get(const std::string& path, std::shared_ptr<client::Watcher> watcher) {
  return wait<client::NodeData>([&](Client& zk, auto done) { zk.get(path, watcher, std::move(done)); });
}
client::Result<Stat> Blocking::set(const std::string& path, const client::Bytes& data, std::int32_t version) {
  return wait<Stat>([&](Client& zk, auto done) { zk.set(path, data, version, std::move(done)); });
}
client::Result<client::NodeAcl> Blocking::get_acl(const std::string& path) {
  return wait<client::NodeAcl>([&](Client& zk, auto done) { zk.get_acl(path, std::move(done)); });
}
client::Result<Stat> Blocking::set_acl(const std::string& path, const AclList& acl, std::int32_t version) {
  return wait<Stat>([&](Client& zk, auto done) { zk.set_acl(path, acl, version, std::move(done)); });
}
client::Result<client::Children> Blocking::children(const std::string& path, std::shared_ptr<client::Watcher> watcher) {
  return wait<client::Children>([&](Client& zk, auto done) { zk.children(path, watcher, std::move(done)); });
}
client::Result<void> Blocking::sync(const std::string& path) {
  return wait<void>([&](Client& zk, auto done) { zk.sync(path, std::move(done)); });
}
client::Result<std::vector<client::OperationResult>> Blocking::multi(const std::vector<client::Operation>& operations) {
  return wait<std::vector<client::OperationResult>>(
      [&](Client& zk, auto done) { zk.multi(operations, std::move(done)); });
}
client::Result<void> Blocking::add_auth(const std::string& scheme, const std::string& auth) {
  return wait<void>([&](Client& zk, auto done) { zk.add_auth(scheme, auth, std::move(done)); });
}

}  // namespace quoll::sdk
