// The installed cluster manager (include/quoll/cluster.h) on recipes/cluster.h.
#include <atomic>

#include "quoll/cluster.h"
#include "recipes/cluster.h"
#include "sdk/convert.h"
#include "sdk/hosted.h"
#include "sdk/mailbox.h"
#include "sdk/public_impl.h"

namespace quoll::zk {

namespace {
constexpr std::size_t kEventsMax = 10'000;
}  // namespace

class Cluster::Impl {
 public:
  Impl(sdk::Blocking& client, recipes::ClusterOptions options)
      : events(kEventsMax, {ClusterEvent::Kind::missed, {}, {}}, client.runtime().virtual_time()),
        cluster(client, std::move(options)) {}

  std::atomic<bool> has_left = true;
  sdk::Mailbox<ClusterEvent> events;
  sdk::Hosted<recipes::Cluster> cluster;  // ends before what it calls
};

Cluster::Cluster(Client& client, ClusterOptions options)
    : impl_(std::make_unique<Impl>(
          Inside::of(client),
          recipes::ClusterOptions{std::move(options.path), std::move(options.id), std::move(options.data)})) {}
Cluster::~Cluster() {
  (void)leave();
}

Result<void> Cluster::join() {
  impl_->has_left = false;
  return impl_->cluster.wait_void([this](recipes::Cluster& cluster, client::Done<void> done) {
    cluster.start(
        [this](const recipes::ClusterEvent& event) {
          impl_->events.put({static_cast<ClusterEvent::Kind>(event.kind), event.name, event.data});
        },
        std::move(done));
  });
}

Result<void> Cluster::leave() {
  if (impl_->has_left.exchange(true)) return {};
  return impl_->cluster.wait_void(
      [](recipes::Cluster& cluster, client::Done<void> done) { cluster.leave(std::move(done)); });
}

std::optional<ClusterEvent> Cluster::next(std::chrono::milliseconds patience) {
  return impl_->events.next(patience);
}

Result<void> Cluster::add_work(const std::string& item, const std::string& data) {
  return impl_->cluster.wait_void(
      [&](recipes::Cluster& cluster, client::Done<void> done) { cluster.add_work(item, data, std::move(done)); });
}

Result<void> Cluster::remove_work(const std::string& item) {
  return impl_->cluster.wait_void(
      [&](recipes::Cluster& cluster, client::Done<void> done) { cluster.remove_work(item, std::move(done)); });
}

void Cluster::finished(const std::string& item) {
  impl_->cluster.with([&](recipes::Cluster& cluster) { cluster.finished(item); });
}

Result<std::vector<OperationResult>> Cluster::write(const std::string& item, const std::vector<Operation>& operations) {
  using Results = std::vector<client::OperationResult>;
  const auto inner = sdk::to_internal(operations);
  return sdk::to_public(impl_->cluster.wait<Results>(
      [&](recipes::Cluster& cluster, client::Done<Results> done) { cluster.write(item, inner, std::move(done)); }));
}

bool Cluster::surely_works_on(const std::string& item) const {
  return impl_->cluster.look([&](const recipes::Cluster& cluster) { return cluster.surely_works_on(item); });
}

std::vector<Member> Cluster::members() const {
  return impl_->cluster.look([](const recipes::Cluster& cluster) {
    std::vector<Member> all;
    for (const recipes::Member& each : cluster.members()) all.push_back({each.id, each.data, each.czxid});
    return all;
  });
}

std::vector<std::string> Cluster::work() const {
  return impl_->cluster.look([](const recipes::Cluster& cluster) { return cluster.work(); });
}

bool Cluster::is_master() const {
  return impl_->cluster.look([](const recipes::Cluster& cluster) { return cluster.is_master(); });
}

}  // namespace quoll::zk
