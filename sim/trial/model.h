// A simple model of ZooKeeper: tree, watches and sessions, and the rules for them, without optimisations and without
// any code of the server. It computes what the server should have answered.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/trial/naive_acl.h"
#include "sim/trial/naive_quotas.h"
#include "sim/trial/naive_tree.h"
#include "sim/trial/naive_watches.h"
#include "sim/trial/plan.h"
#include "types/error.h"

namespace quoll::sim {

// The result of a request. `answer` is the reply's body as text, in the form of answer_text() in sim/trial/encode.h.
struct Verdict {
  Error err = Error::ok;
  std::string answer;
  std::string logged;  // the expected transaction, as text; empty: an error transaction
};
inline Verdict failed(Error err) {
  return Verdict{err, {}, {}};
}

class Model {
 public:
  // Executes a write as transaction `zxid` at the leader's time. `quotas`: the quotas that the server had applied at
  // that time, which may be older than the model's; nullptr: quotas refuse nothing.
  Verdict write(const Who& who, const Ask& ask, std::int64_t zxid, std::int64_t time_ms, const QuotaTexts* quotas);
  // Executes a read of one connection, which may set watches. setWatches fires the events that the client has missed.
  Verdict read(const Who& who, Watcher watcher, const Ask& ask);

  void open_session(std::int64_t session, std::int32_t timeout_ms) { sessions[session] = timeout_ms; }
  // Deletes its ephemerals in order.
  void close_session(std::int64_t session, std::int64_t zxid);
  // The server's removal of an empty container or an old TTL node; returns false if it is not due.
  bool remove_container(const std::string& path, std::int64_t zxid, std::int64_t time_ms);
  // A server starts and counts the usage of all quotas again. Statistics without limits are not counted: they keep the
  // values that were found in the files.
  void start_anew(const std::map<std::string, NaiveTree::Node>& found);
  // Whether the znode is due for removal if it has no children.
  [[nodiscard]] static bool is_due(const StatPersisted& stat, std::int64_t time_ms);

  NaiveTree tree;
  // watches.fired has the events of the last write, read or end of a session; the judge drops those that the watcher
  // may not read.
  NaiveWatches watches;
  std::map<std::int64_t, std::int32_t> sessions;  // session id: timeout
  std::set<std::int64_t> closed;

 private:
  struct Change {
    const Who& who;
    std::int64_t zxid;
    std::int64_t time_ms;
    const QuotaTexts* quotas;
  };
  Verdict single(const Change& change, const Ask& ask);
  Verdict create(const Change& change, const Ask& ask);
  Verdict remove(const Change& change, const Ask& ask);
  Verdict set_data(const Change& change, const Ask& ask);
  Verdict set_acl(const Change& change, const Ask& ask);
  Verdict check(const Change& change, const Ask& ask);
  Verdict multi(const Change& change, const Ask& ask);
  Verdict multi_read(const Who& who, const Ask& ask);
  void take_out(const std::string& path, std::int64_t zxid);
};

}  // namespace quoll::sim
