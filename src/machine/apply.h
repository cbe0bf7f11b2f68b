// Applies committed transactions to the state. Every server applies the same transactions in the same order. Applying a
// transaction again, as in replay over a fuzzy snapshot, changes nothing
// (org.apache.zookeeper.server.DataTree.processTxn).
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "machine/state.h"
#include "types/error.h"
#include "types/opcode.h"
#include "types/stat.h"
#include "types/txn.h"
#include "watch/watch.h"

namespace quoll::machine {

// Receives the events of watched changes, before the reply that makes the change visible. The receiver checks read
// permission: `acl` is that of the changed node (of a deleted node, the one that it had).
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                        std::span<const watch::WatcherId> watchers) = 0;
};

struct ApplyResult {
  OpCode type = OpCode::error;
  Error err = Error::ok;
  std::string_view path;     // the transaction's path
  std::optional<Stat> stat;  // of the created or changed node
  std::vector<ApplyResult> multi;
};

class Applier {
 public:
  Applier(State& state, const Rules& rules, EventSink& events) : state_(state), rules_(rules), events_(events) {}

  // While serving, the zxid must be greater than the last one applied. The result's paths point into the transaction.
  ApplyResult apply(const Txn& txn);

  State& state() { return state_; }
  [[nodiscard]] const Rules& rules() const { return rules_; }
  // Sends an event to the watchers of a path. Use the data watches for created and changed nodes, the child watches for
  // changed children.
  void fire(watch::WatchTable& table, watch::EventType type, std::string_view path, const auth::AccessList& acl,
            std::int64_t zxid);
  // Sends NodeDeleted once to each watcher, even if it is in both tables.
  void fire_deleted(std::string_view path, const auth::AccessList& acl, std::int64_t zxid);

 private:
  void note_digest(const Txn& txn);

  State& state_;
  const Rules& rules_;
  EventSink& events_;
};

}  // namespace quoll::machine
