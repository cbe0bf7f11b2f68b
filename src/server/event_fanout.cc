#include "server/event_fanout.h"

#include <algorithm>

#include "server/request_metrics.h"

namespace quoll::server {

namespace {
// Longer batches would make the memory of a slow connection jump.
constexpr std::size_t kBatchBytes = std::size_t{64} << 10;
const auth::Identities kAnyone;
}  // namespace

void EventFanout::begin_transaction() {
  notified_ = 0;
  batch_.reset();
  batch_watchers_.clear();
}

void EventFanout::on_event(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                           std::span<const watch::WatcherId> watchers) {
  note_watches(core_.stats.metrics, type, watchers.size());
  notified_ += watchers.size();
  if (notified_ <= core_.options.limits.events_at_once) return send_at_once(type, path, acl, zxid, watchers);
  send_later(type, path, acl, zxid, watchers);
}

void EventFanout::send(ClientConnection& to, watch::EventType type, std::string_view path, std::int64_t zxid) {
  const WatcherEvent event{static_cast<std::int32_t>(type), watch::kSyncConnected, path};
  core_.stats.metrics.watch_bytes += to.send_event(ReplyHeader{kNotificationXid, zxid, 0}, event);
}

void EventFanout::send_at_once(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                               std::span<const watch::WatcherId> watchers) {
  for (const watch::WatcherId id : watchers) {
    ClientConnection* const connection = connections_.find(id);
    if (connection == nullptr) continue;
    // A client that may not read the node gets no event (CVE-2024-23944).
    if (!core_.schemes.allows(acl, perm::kRead, connection->identities)) continue;
    send(*connection, type, path, zxid.value());
  }
}

bool EventFanout::continues_batch(std::span<const watch::WatcherId> watchers) const {
  return batch_ != nullptr && batch_is_for_all_ && batch_->frames.size() < kBatchBytes &&
         std::ranges::equal(watchers, batch_watchers_);
}

void EventFanout::send_later(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                             std::span<const watch::WatcherId> watchers) {
  const bool is_for_all = core_.schemes.allows(acl, perm::kRead, kAnyone);
  if (!is_for_all || !continues_batch(watchers)) begin_batch(acl, watchers, is_for_all);
  const std::int64_t before = batch_->cost();
  batch_->add(ReplyHeader{kNotificationXid, zxid.value(), 0},
              WatcherEvent{static_cast<std::int32_t>(type), watch::kSyncConnected, path});
  core_.in_flight.add_owed_events((batch_->cost() - before) * static_cast<std::int64_t>(receivers_));
}

void EventFanout::begin_batch(const auth::AccessList& acl, std::span<const watch::WatcherId> watchers,
                              bool is_for_all) {
  batch_ = std::make_shared<EventBatch>();
  batch_watchers_.assign(watchers.begin(), watchers.end());
  batch_is_for_all_ = is_for_all;
  receivers_ = 0;
  for (const watch::WatcherId id : watchers) {
    ClientConnection* const connection = connections_.find(id);
    if (connection == nullptr || connection->is_cut_off()) continue;
    if (!is_for_all && !core_.schemes.allows(acl, perm::kRead, connection->identities)) continue;
    if (!connection->is_owed_events()) owed_.push_back(id);
    connection->owe_events(batch_);
    ++receivers_;
  }
  core_.in_flight.add_owed_events(batch_->cost() * static_cast<std::int64_t>(receivers_));
  schedule();
}

void EventFanout::schedule() {
  if (!owed_.empty()) slice_call_.post(core_.env.timers, [this] { send_slice(); });
}

void EventFanout::send_slice() {
  const Limits& limits = core_.options.limits;
  const std::int64_t began_us = core_.env.clock.elapsed_us();
  std::size_t bytes = 0;
  while (!owed_.empty() && bytes < limits.event_bytes && core_.env.clock.elapsed_us() - began_us < limits.event_us) {
    const ConnectionId next = owed_.front();
    owed_.pop_front();
    bytes += static_cast<std::size_t>(EventBatch::kCost);
    ClientConnection* const connection = connections_.find(next);
    if (connection == nullptr || !connection->is_owed_events()) continue;
    bytes += connection->take_next_events();
    if (connection->is_owed_events()) owed_.push_back(next);
  }
  schedule();
}

}  // namespace quoll::server
