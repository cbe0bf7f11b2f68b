// Sends the events of transactions to their watchers. One transaction may cause millions of them: 300 recursive
// watchers and a multi with 5,000 changes. So only a few events of a transaction are sent at once. The others are
// encoded once for all watchers and handed out in slices, between which the loop serves others.
//
// Each client gets events and replies in the order of transactions all the same, because a connection takes the events
// that it is owed before anything else is appended to its output (ClientConnection::output). So no client gets a reply,
// not even that to a ping, before the events of what the reply may show, and the writer gets its own events first. The
// order among different clients is not defined, as in Apache's server.
//
// Who gets an event, and who may read the node, is decided when the transaction is applied.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "env/posted_call.h"
#include "machine/apply.h"
#include "server/connections.h"
#include "server/core.h"
#include "server/event_batch.h"

namespace quoll::server {

class EventFanout : public machine::EventSink {
 public:
  EventFanout(Core& core, Connections& connections) : core_(core), connections_(connections) {}

  // The events from here on are of the next transaction.
  void begin_transaction();
  void on_event(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                std::span<const watch::WatcherId> watchers) override;
  // One event for one connection, at once.
  void send(ClientConnection& to, watch::EventType type, std::string_view path, std::int64_t zxid);
  // True if so much waits for its slice that no further transaction should be applied now.
  [[nodiscard]] bool is_behind() const {
    return core_.in_flight.owed_events() > core_.options.limits.owed_event_bytes_max;
  }

 private:
  void send_at_once(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                    std::span<const watch::WatcherId> watchers);
  void send_later(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                  std::span<const watch::WatcherId> watchers);
  [[nodiscard]] bool continues_batch(std::span<const watch::WatcherId> watchers) const;
  void begin_batch(const auth::AccessList& acl, std::span<const watch::WatcherId> watchers, bool is_for_all);
  void send_slice();
  void schedule();

  Core& core_;
  Connections& connections_;
  std::size_t notified_ = 0;  // watchers of all events of the current transaction
  // The newest batch of the current transaction. If all its watchers may read its nodes, more events can be added.
  std::shared_ptr<EventBatch> batch_;
  std::vector<watch::WatcherId> batch_watchers_;
  bool batch_is_for_all_ = false;
  std::size_t receivers_ = 0;  // connections that are owed the batch
  // Connections that were owed events when they were added. Some have taken them since, or are closed.
  std::deque<ConnectionId> owed_;
  env::PostedCall slice_call_;
};

}  // namespace quoll::server
