// From a committed transaction to the new state. Every server applies the same transactions in the same order; applying
// one twice, as replay over a fuzzy snapshot does, changes nothing (org.apache.zookeeper.server.DataTree.processTxn).
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

// Hears of changes that somebody watches, before the reply that makes the change visible. Filters by read permission:
// `acl` is the changed node's (for a deletion, the one it had).
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(watch::EventType type, std::string_view path, const auth::AccessList& acl, Zxid zxid,
                        std::span<const watch::WatcherId> watchers) = 0;
};

struct ApplyResult {
  OpCode type = OpCode::error;
  Error err = Error::ok;
  std::string_view path;     // of the transaction
  std::optional<Stat> stat;  // of what was created or changed
  std::vector<ApplyResult> multi;
};

class Applier {
 public:
  Applier(State& state, const Rules& rules, EventSink& events) : state_(state), rules_(rules), events_(events) {}

  // The zxid must be above the last one applied while serving. The result's paths point into the transaction.
  ApplyResult apply(const Txn& txn);

  State& state() { return state_; }
  [[nodiscard]] const Rules& rules() const { return rules_; }
  // Tells the watchers of a path, data watches for created and changed, child watches for children changed.
  void fire(watch::WatchTable& table, watch::EventType type, std::string_view path, const auth::AccessList& acl,
            std::int64_t zxid);
  // NodeDeleted reaches each watcher once, though it may sit in both tables.
  void fire_deleted(std::string_view path, const auth::AccessList& acl, std::int64_t zxid);

 private:
  void note_digest(const Txn& txn);

  State& state_;
  const Rules& rules_;
  EventSink& events_;
};

}  // namespace quoll::machine
