// The installed client (include/quoll/client.h) on the blocking one.
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <mutex>

#include "client/connect_string.h"
#include "sdk/convert.h"
#include "sdk/public_impl.h"
#include "sdk/thread_runtime.h"

namespace quoll::zk {

static_assert(static_cast<int>(Fate::not_sent) == static_cast<int>(client::Fate::not_sent));
static_assert(static_cast<int>(Fate::may_be_applied) == static_cast<int>(client::Fate::may_be_applied));
static_assert(static_cast<int>(Fate::answered) == static_cast<int>(client::Fate::answered));

QUOLL_API std::string_view name(Code code) {
  return quoll::name(static_cast<Error>(code));
}

// Filled by the client's thread, emptied by the caller's.
class Watcher::Queue : public client::Watcher {
 public:
  void on_event(const client::WatchEvent& event) override {
    push({static_cast<EventType>(event.type), event.path, State::connected, event.zxid});
  }
  void on_state(client::State state) override { push({EventType::session, {}, sdk::to_public(state), -1}); }
  std::optional<Event> next(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const auto time = time_;
    if (!sdk::wait_for(lock, came_, time.get(), patience, [this] { return !events_.empty(); })) return std::nullopt;
    Event event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  // The time of the client that fills it.
  void use(std::shared_ptr<sdk::VirtualTime> time) {
    const std::lock_guard lock(mutex_);
    time_ = std::move(time);
  }

 private:
  void push(Event event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    came_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Event> events_;
  std::shared_ptr<sdk::VirtualTime> time_;  // null: real
};

Watcher::Watcher() : queue_(std::make_shared<Queue>()) {}
Watcher::~Watcher() = default;
Watcher::Watcher(Watcher&&) noexcept = default;
Watcher& Watcher::operator=(Watcher&&) noexcept = default;

std::shared_ptr<client::Watcher> Inside::of(Watcher& watcher, sdk::Blocking& client) {
  watcher.queue_->use(client.runtime().virtual_time());
  return watcher.queue_;
}

std::optional<Event> Watcher::next(std::chrono::milliseconds patience) {
  return queue_->next(patience);
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

namespace {

tls::Options tls_options(const Tls& from) {
  tls::Options options;
  options.trust_store.path = from.trust_store;
  options.trust_store.password = from.trust_store_password;
  options.key_store.path = from.key_store;
  options.key_store.password = from.key_store_password;
  options.hostname_verification = from.verify_host ? tls::Switch::on : tls::Switch::off;
  return options;
}

}  // namespace

Result<Client> Client::open(const Options& options) {
  auto runtime = std::make_unique<sdk::ThreadRuntime>();
  if (options.tls) {
    if (const auto used = runtime->use_tls(tls_options(*options.tls)); !used)
      return std::unexpected(Failure{Code::bad_arguments, Fate::not_sent, used.error(), {}});
  }
  return Inside::open(std::move(runtime), options);
}

Result<Client> Inside::open(std::unique_ptr<sdk::Runtime> runtime, const Options& options) {
  const auto parsed = client::parse_connect_string(options.servers);
  if (!parsed) return std::unexpected(Failure{Code::bad_arguments, Fate::not_sent, parsed.error(), {}});
  client::Options inner;
  inner.servers = parsed->servers;
  inner.chroot = parsed->chroot;
  inner.session_timeout_ms = static_cast<std::int32_t>(options.session_timeout.count());
  inner.request_timeout_ms = options.request_timeout.count();
  inner.read_only = options.read_only;
  if (options.login) inner.login = {options.login->user, options.login->password};
  if (options.tls) inner.security = env::Security::tls;
  auto impl = std::make_unique<Client::Impl>(std::move(runtime), std::move(inner));
  if (impl->blocking.wait_connected(options.session_timeout.count())) return Client(std::move(impl));
  if (impl->blocking.state() == client::State::auth_failed)
    return std::unexpected(Failure{Code::auth_failed, Fate::not_sent, impl->blocking.last_trouble(), {}});
  return std::unexpected(
      Failure{Code::connection_loss,
              Fate::not_sent,
              fmt::format("no server of {} could be reached within {} ms; the last attempt: {}", options.servers,
                          options.session_timeout.count(), impl->blocking.last_trouble()),
              {}});
}

namespace {
std::shared_ptr<client::Watcher> inner_watcher(Watcher* watcher, sdk::Blocking& client) {
  return watcher == nullptr ? nullptr : Inside::of(*watcher, client);
}
}  // namespace

Result<Created> Client::create(const std::string& path, const Bytes& data, const CreateOptions& options) {
  return sdk::to_public<Created>(
      impl_->blocking.create(path, data, sdk::to_internal(options)),
      [](client::Created made) { return Created{std::move(made.path), sdk::to_public(made.stat)}; });
}

Result<void> Client::remove(const std::string& path, std::int32_t version) {
  auto removed = impl_->blocking.remove(path, version);
  if (!removed) return std::unexpected(sdk::to_public(std::move(removed.error())));
  return {};
}

Result<std::optional<Stat>> Client::exists(const std::string& path, Watcher* watcher) {
  return sdk::to_public<std::optional<Stat>>(impl_->blocking.exists(path, inner_watcher(watcher, impl_->blocking)),
                                             [](const std::optional<quoll::Stat>& stat) {
                                               return stat ? std::optional(sdk::to_public(*stat))
                                                           : std::optional<Stat>();
                                             });
}

Result<NodeData> Client::get(const std::string& path, Watcher* watcher) {
  return sdk::to_public<NodeData>(
      impl_->blocking.get(path, inner_watcher(watcher, impl_->blocking)),
      [](client::NodeData got) { return NodeData{std::move(got.data), sdk::to_public(got.stat)}; });
}

Result<Stat> Client::set(const std::string& path, const Bytes& data, std::int32_t version) {
  return sdk::to_public<Stat>(impl_->blocking.set(path, data, version),
                              [](const quoll::Stat& stat) { return sdk::to_public(stat); });
}

Result<Children> Client::children(const std::string& path, Watcher* watcher) {
  return sdk::to_public<Children>(
      impl_->blocking.children(path, inner_watcher(watcher, impl_->blocking)),
      [](client::Children got) { return Children{std::move(got.names), sdk::to_public(got.stat)}; });
}

Result<NodeAcl> Client::get_acl(const std::string& path) {
  return sdk::to_public<NodeAcl>(impl_->blocking.get_acl(path),
                                 [](const client::NodeAcl& acl) { return sdk::to_public(acl); });
}

Result<Stat> Client::set_acl(const std::string& path, const std::vector<Acl>& acl, std::int32_t version) {
  return sdk::to_public<Stat>(impl_->blocking.set_acl(path, sdk::to_internal(acl), version),
                              [](const quoll::Stat& stat) { return sdk::to_public(stat); });
}

Result<std::vector<OperationResult>> Client::multi(const std::vector<Operation>& operations) {
  return sdk::to_public(impl_->blocking.multi(sdk::to_internal(operations)));
}

Result<void> Client::sync(const std::string& path) {
  auto synced = impl_->blocking.sync(path);
  if (!synced) return std::unexpected(sdk::to_public(std::move(synced.error())));
  return {};
}

Result<void> Client::add_watch(const std::string& path, WatchMode mode, Watcher& watcher) {
  const auto inner =
      mode == WatchMode::persistent ? client::AddWatchMode::persistent : client::AddWatchMode::persistent_recursive;
  const auto queue = Inside::of(watcher, impl_->blocking);
  auto added = impl_->blocking.wait<void>(
      [&](client::Client& zk, auto done) { zk.add_watch(path, inner, queue, std::move(done)); });
  if (!added) return std::unexpected(sdk::to_public(std::move(added.error())));
  return {};
}

Result<void> Client::add_auth(const std::string& scheme, const std::string& auth) {
  auto added = impl_->blocking.add_auth(scheme, auth);
  if (!added) return std::unexpected(sdk::to_public(std::move(added.error())));
  return {};
}

State Client::state() const {
  return sdk::to_public(impl_->blocking.state());
}

std::int64_t Client::session_id() const {
  return impl_->blocking.session_id();
}

void Client::close() {
  impl_->blocking.close();
}

}  // namespace quoll::zk
