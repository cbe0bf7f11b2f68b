// The installed calls that do not wait (include/quoll/async.h).
#include "quoll/async.h"
#include "sdk/convert.h"
#include "sdk/public_impl.h"

namespace quoll::zk {

namespace {

// Cancels a call when its caller asks to stop; lives until the call is over.
struct Stopper {
  std::optional<std::stop_callback<std::move_only_function<void()>>> callback;
};

// `make` makes the call on the client's loop with (client, options, done) and returns its id; `convert` turns its value
// into the public one.
template <typename T, typename From, typename Make, typename Convert>
Call<T> call(sdk::Blocking& blocking, Make make, Convert convert) {
  RunUntil run_until;
  if (auto time = blocking.runtime().virtual_time(); time != nullptr) {
    run_until = [time = std::move(time)](const std::function<bool()>& holds) { time->pass_until(holds, -1); };
  }
  auto start = [&blocking, make = std::move(make), convert](CallLimits limits, Callback<T> callback) mutable {
    blocking.runtime().dispatch([&blocking, make = std::move(make), convert, limits = std::move(limits),
                                 callback = std::move(callback)]() mutable {
      std::shared_ptr<Stopper> stopper;
      if (limits.stop.stop_possible()) stopper = std::make_shared<Stopper>();
      const client::CallOptions how{.timeout_ms = limits.deadline.count()};
      const client::CallId id =
          make(blocking.on_loop(), how,
               client::Done<From>([callback = std::move(callback), convert, stopper](client::Result<From> got) mutable {
                 if (stopper != nullptr) stopper->callback.reset();
                 if (!got) return callback(std::unexpected(sdk::to_public(std::move(got.error()))));
                 if constexpr (std::is_void_v<T>) {
                   callback({});
                 } else {
                   callback(convert(std::move(*got)));
                 }
               }));
      if (stopper == nullptr) return;
      stopper->callback.emplace(std::move(limits.stop), [&blocking, id] {
        blocking.runtime().post([&blocking, id] { blocking.on_loop().cancel(id); });
      });
    });
  };
  return Call<T>(std::move(start), std::move(run_until));
}

constexpr auto kNothing = [](auto&&...) {};
constexpr auto kStat = [](const quoll::Stat& stat) { return sdk::to_public(stat); };

std::shared_ptr<client::Watcher> inner(Watcher* watcher, sdk::Blocking& blocking) {
  return watcher == nullptr ? nullptr : Inside::of(*watcher, blocking);
}

}  // namespace

class AsyncClient::Impl {
 public:
  sdk::Blocking& blocking;
};

AsyncClient::AsyncClient(Client& client) : impl_(new Impl{Inside::of(client)}) {}
AsyncClient::~AsyncClient() = default;
AsyncClient::AsyncClient(AsyncClient&&) noexcept = default;
AsyncClient& AsyncClient::operator=(AsyncClient&&) noexcept = default;

Call<Created> AsyncClient::create(std::string path, Data data, CreateOptions options) {
  return call<Created, client::Created>(
      impl_->blocking,
      [path = std::move(path), data = std::move(data.bytes), options = sdk::to_internal(options)](
          client::Client& zk, client::CallOptions how, client::Done<client::Created> done) {
        return zk.create(path, data, options, std::move(done), how);
      },
      [](client::Created made) { return Created{std::move(made.path), sdk::to_public(made.stat)}; });
}

Call<void> AsyncClient::remove(std::string path, std::int32_t version) {
  return call<void, void>(
      impl_->blocking,
      [path = std::move(path), version](client::Client& zk, client::CallOptions how, client::Done<void> done) {
        return zk.remove(path, version, std::move(done), how);
      },
      kNothing);
}

Call<std::optional<Stat>> AsyncClient::exists(std::string path, Watcher* watcher) {
  using Found = std::optional<quoll::Stat>;
  return call<std::optional<Stat>, Found>(
      impl_->blocking,
      [path = std::move(path), watcher = inner(watcher, impl_->blocking)](client::Client& zk, client::CallOptions how,
                                                                          client::Done<Found> done) {
        return zk.exists(path, watcher, std::move(done), how);
      },
      [](const Found& stat) { return stat ? std::optional(sdk::to_public(*stat)) : std::optional<Stat>(); });
}

Call<NodeData> AsyncClient::get(std::string path, Watcher* watcher) {
  return call<NodeData, client::NodeData>(
      impl_->blocking,
      [path = std::move(path), watcher = inner(watcher, impl_->blocking)](client::Client& zk, client::CallOptions how,
                                                                          client::Done<client::NodeData> done) {
        return zk.get(path, watcher, std::move(done), how);
      },
      [](client::NodeData got) { return NodeData{std::move(got.data), sdk::to_public(got.stat)}; });
}

Call<Stat> AsyncClient::set(std::string path, Data data, std::int32_t version) {
  return call<Stat, quoll::Stat>(
      impl_->blocking,
      [path = std::move(path), data = std::move(data.bytes), version](client::Client& zk, client::CallOptions how,
                                                                      client::Done<quoll::Stat> done) {
        return zk.set(path, data, version, std::move(done), how);
      },
      kStat);
}

Call<Children> AsyncClient::children(std::string path, Watcher* watcher) {
  return call<Children, client::Children>(
      impl_->blocking,
      [path = std::move(path), watcher = inner(watcher, impl_->blocking)](client::Client& zk, client::CallOptions how,
                                                                          client::Done<client::Children> done) {
        return zk.children(path, watcher, std::move(done), how);
      },
      [](client::Children got) { return Children{std::move(got.names), sdk::to_public(got.stat)}; });
}

Call<NodeAcl> AsyncClient::get_acl(std::string path) {
  return call<NodeAcl, client::NodeAcl>(
      impl_->blocking,
      [path = std::move(path)](client::Client& zk, client::CallOptions how, client::Done<client::NodeAcl> done) {
        return zk.get_acl(path, std::move(done), how);
      },
      [](const client::NodeAcl& acl) { return sdk::to_public(acl); });
}

Call<Stat> AsyncClient::set_acl(std::string path, std::vector<Acl> acl, std::int32_t version) {
  return call<Stat, quoll::Stat>(
      impl_->blocking,
      [path = std::move(path), acl = sdk::to_internal(acl), version](client::Client& zk, client::CallOptions how,
                                                                     client::Done<quoll::Stat> done) {
        return zk.set_acl(path, acl, version, std::move(done), how);
      },
      kStat);
}

Call<std::vector<OperationResult>> AsyncClient::multi(std::vector<Operation> operations) {
  using Results = std::vector<client::OperationResult>;
  return call<std::vector<OperationResult>, Results>(
      impl_->blocking,
      [operations = sdk::to_internal(operations)](client::Client& zk, client::CallOptions how,
                                                  client::Done<Results> done) {
        return zk.multi(operations, std::move(done), how);
      },
      [](const Results& results) {
        std::vector<OperationResult> list;
        for (const client::OperationResult& each : results) list.push_back(sdk::to_public(each));
        return list;
      });
}

Call<void> AsyncClient::sync(std::string path) {
  return call<void, void>(
      impl_->blocking,
      [path = std::move(path)](client::Client& zk, client::CallOptions how, client::Done<void> done) {
        return zk.sync(path, std::move(done), how);
      },
      kNothing);
}

}  // namespace quoll::zk
