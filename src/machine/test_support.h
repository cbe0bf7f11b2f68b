// The state machine without a server: requests are prepared, stay pending, and are applied in order.
#pragma once

#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "machine/apply.h"
#include "machine/prepare.h"
#include "machine/read.h"
#include "sim/txn_bytes.h"

namespace quoll::machine {

inline AclViews open_acl() {
  return std::vector<AclView>{AclView{perm::kAll, "world", "anyone"}};
}

struct RecordedEvents : EventSink {
  struct Event {
    watch::EventType type;
    std::string path;
    std::size_t watchers;
  };
  std::vector<Event> events;
  void on_event(watch::EventType type, std::string_view path, const auth::AccessList&, Zxid,
                std::span<const watch::WatcherId> watchers) override {
    events.push_back({type, std::string(path), watchers.size()});
  }
};

class Machine {
 public:
  explicit Machine(Rules given = {}, std::size_t txn_bytes_max = std::size_t{2} * 0xfffff)
      : rules(given), preparer(state, rules, schemes, txn_bytes_max) {}

  // Prepares a request and leaves its transaction pending. Returns the error that a client would get.
  Error propose(OpCode op, const RequestBody& body, std::int64_t session = 1, bool open = true) {
    const Request request{SessionId{session}, 0, op, body, identities, watch::WatcherId{1}};
    ++zxid;
    const auto result = preparer.prepare(request, Zxid{zxid}, 1000 + zxid, open);
    const std::string bytes = sim::bytes_of(result.txn);
    pending.push_back(bytes);
    history.push_back(bytes);
    notices = result.notices;
    if (const auto* multi = std::get_if<MultiTxn>(&result.txn.body)) {
      multi_errors.clear();
      for (const SubTxn& sub : multi->txns) {
        const auto* error = std::get_if<ErrorTxn>(&sub.body);
        multi_errors.push_back(error == nullptr ? Error::ok : static_cast<Error>(error->err));
      }
    }
    return result.error;
  }
  // Applies the oldest pending transaction.
  void apply_one() {
    const std::string bytes = pending.front();
    pending.pop_front();
    const Txn txn = sim::txn_of(bytes);
    const ApplyResult result = applier.apply(txn);
    last_path = std::string(result.path);
    preparer.applied(Zxid{txn.header.zxid});
  }
  void apply_all() {
    while (!pending.empty()) apply_one();
    EXPECT_EQ(preparer.outstanding().size(), 0U);
    EXPECT_EQ(preparer.outstanding().tree_digest(), state.tree.digest());
    EXPECT_EQ(state.digest_mismatches, 0U);
  }
  Error run(OpCode op, const RequestBody& body, std::int64_t session = 1) {
    const Error error = propose(op, body, session);
    apply_all();
    return error;
  }
  Error create(std::string_view path, std::int32_t flags = 0, std::int64_t session = 1) {
    return run(OpCode::create, CreateRequest{path, "", open_acl(), flags}, session);
  }
  ReadResult read(OpCode op, const RequestBody& body) {
    const Request request{SessionId{1}, 0, op, body, identities, watch::WatcherId{1}};
    Reading reading{request, rules, schemes, state, [this](watch::EventType type, std::string_view path) {
                      caught_up.emplace_back(static_cast<int>(type), std::string(path));
                    }};
    return machine::read(reading);
  }
  bool has(std::string_view path) const { return state.tree.find(path) != tree::kNoNode; }
  const StatPersisted& stat(std::string_view path) const { return state.tree.node(state.tree.find(path)).stat; }

  Rules rules;
  auth::Schemes schemes{auth::Options{}};
  auth::Identities identities{Id{"ip", "10.0.0.1"}};
  State state{rules};
  RecordedEvents events;
  Preparer preparer;
  Applier applier{state, rules, events};
  std::int64_t zxid = 0;
  std::deque<std::string> pending;
  std::vector<std::string> history;
  Notices notices;
  std::vector<Error> multi_errors;
  std::vector<std::pair<int, std::string>> caught_up;
  std::string last_path;
};

}  // namespace quoll::machine
