// The installed cache (include/quoll/cache.h) on recipes/cache.h.
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>

#include "quoll/cache.h"
#include "recipes/cache.h"
#include "sdk/convert.h"
#include "sdk/hosted.h"
#include "sdk/mailbox.h"
#include "sdk/public_impl.h"

namespace quoll::zk {

class Cache::Impl {
 public:
  Impl(sdk::Blocking& client, recipes::CacheOptions options, std::size_t changes_max)
      : path(options.path),
        changes(changes_max, {.kind = CacheChange::Kind::missed, .path = {}, .data = {}, .stat = {}},
                client.runtime().virtual_time()),
        time_(client.runtime().virtual_time()),
        cache(client, std::move(options)) {
    cache.with([this](recipes::Cache& made) {
      made.start([this, &made](const recipes::CacheChange& change) { on_change(made, change); });
    });
  }
  Result<void> wait_settled(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    const bool came = sdk::wait_for(lock, changed_, time_.get(), patience, [this] { return is_settled_ || failure_; });
    if (failure_) return std::unexpected(*failure_);
    if (came) return {};
    return std::unexpected(Failure{Code::request_timeout,
                                   Fate::answered,
                                   fmt::format("{} could not be read within {} ms", path, patience.count()),
                                   {}});
  }

  const std::string path;
  sdk::Mailbox<CacheChange> changes;

 private:
  void on_change(const recipes::Cache& made, const recipes::CacheChange& change) {
    using Kind = recipes::CacheChange::Kind;
    if (change.kind >= Kind::settled) {
      const std::lock_guard lock(mutex_);
      is_settled_ = change.kind == Kind::settled;
      if (made.failure()) failure_ = sdk::to_public(*made.failure());
      changed_.notify_all();
    }
    changes.put(
        {static_cast<CacheChange::Kind>(change.kind), change.path, change.node.data, sdk::to_public(change.node.stat)});
  }

  const std::shared_ptr<sdk::VirtualTime> time_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_settled_ = false;
  std::optional<Failure> failure_;

 public:
  sdk::Hosted<recipes::Cache> cache;  // ends before what it calls
};

Cache::Cache(Client& client, std::string path, const CacheOptions& options)
    : impl_(std::make_unique<Impl>(Inside::of(client),
                                   recipes::CacheOptions{.path = std::move(path),
                                                         .scope = static_cast<recipes::CacheScope>(options.scope),
                                                         .nodes_max = options.nodes_max},
                                   options.changes_max)) {}
Cache::~Cache() = default;

Result<void> Cache::wait_settled(std::chrono::milliseconds patience) {
  return impl_->wait_settled(patience);
}

std::optional<NodeData> Cache::get(const std::string& path) const {
  return impl_->cache.look([&](const recipes::Cache& cache) -> std::optional<NodeData> {
    const auto* const node = cache.find(path);
    if (node == nullptr) return std::nullopt;
    return NodeData{node->data, sdk::to_public(node->stat)};
  });
}

std::vector<std::string> Cache::children(const std::string& path) const {
  return impl_->cache.look([&](const recipes::Cache& cache) {
    const std::string prefix = path == "/" ? path : path + "/";
    std::vector<std::string> names;
    // What is below a child stands between it and the next one; '0' follows '/'.
    for (auto at = cache.nodes().upper_bound(prefix); at != cache.nodes().end() && at->first.starts_with(prefix);) {
      names.push_back(at->first.substr(prefix.size(), at->first.find('/', prefix.size()) - prefix.size()));
      at = cache.nodes().lower_bound(prefix + names.back() + '0');
    }
    return names;
  });
}

std::optional<CacheChange> Cache::next(std::chrono::milliseconds patience) {
  return impl_->changes.next(patience);
}

}  // namespace quoll::zk
