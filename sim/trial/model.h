// A naive ZooKeeper: tree, watches and sessions, and every rule for them written down as plainly as it can be. On
// purpose slow, and on purpose without a line of the server's: it says what the server should have answered.
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

// What a request comes to. `answer` is the reply's body as text (sim/trial/encode.h has the other side).
struct Verdict {
  Error err = Error::ok;
  std::string answer;
  std::string logged;  // what the transaction must say, as text; empty: an error transaction
};
inline Verdict failed(Error err) {
  return Verdict{err, {}, {}};
}

class Model {
 public:
  // A write, decided as transaction `zxid` at the leader's time. `quotas`: the texts that were applied by then, which
  // may lag behind history; nullptr: quotas refuse nothing.
  Verdict write(const Who& who, const Ask& ask, std::int64_t zxid, std::int64_t time_ms, const QuotaTexts* quotas);
  // A read of one connection, which may leave watches behind. Events that make up for missed ones are fired.
  Verdict read(const Who& who, Watcher watcher, const Ask& ask);

  void open_session(std::int64_t session, std::int32_t timeout_ms) { sessions[session] = timeout_ms; }
  // Its ephemerals go in order.
  void close_session(std::int64_t session, std::int64_t zxid);
  // The server's own removal of a container that has become empty or of a TTL node that is too old; false: it may not.
  bool remove_container(const std::string& path, std::int64_t zxid, std::int64_t time_ms);
  // A process begins and counts all usage anew. Nobody counts what has no limits: it is what the files happen to say.
  void start_anew(const std::map<std::string, NaiveTree::Node>& found);
  // Whether it may, if there is nothing below.
  [[nodiscard]] static bool is_due(const StatPersisted& stat, std::int64_t time_ms);

  NaiveTree tree;
  // What it has fired is of the last write, read or end of a session; the judge filters it by what the watcher may
  // read.
  NaiveWatches watches;
  std::map<std::int64_t, std::int32_t> sessions;  // their timeouts
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
