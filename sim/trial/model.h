// A naive ZooKeeper: a map of paths, a map of sessions, and every rule written down as plainly as it can be. On purpose
// slow, and on purpose without a line of the server's: it says what the server should have answered.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trial/plan.h"
#include "types/error.h"
#include "types/stat.h"

namespace quoll::sim {

// One who watches: a connection, by its number.
using Watcher = int;

struct ModelEvent {
  Watcher to = 0;
  std::int32_t type = 0;
  std::string path;
};

struct Who {
  std::int64_t session = 0;
  std::vector<Id> identities;
};

// What a request comes to. `answer` is the reply's body as text (sim/trial/replies.h has the other side).
struct Verdict {
  Error err = Error::ok;
  std::string answer;
  std::string logged;  // what the transaction must say, as text; empty: an error transaction
};

class Model {
 public:
  struct Node {
    std::string data;
    AclList acl;
    StatPersisted stat;
  };

  explicit Model(bool hard_quotas);

  // A write, decided as transaction `zxid` at the leader's time. `over_quota`: which parts (0 for a single request) the
  // server refused for a quota, which depends on more than the order of transactions.
  Verdict write(const Who& who, const Ask& ask, std::int64_t zxid, std::int64_t time_ms,
                const std::set<std::size_t>& over_quota = {});
  // A read of one connection, which may leave watches behind. Events that make up for missed ones go to `events`.
  Verdict read(const Who& who, Watcher watcher, const Ask& ask);

  void open_session(std::int64_t session, std::int32_t timeout_ms) { sessions[session] = timeout_ms; }
  // In the order in which they go.
  std::vector<std::string> close_session(std::int64_t session, std::int64_t zxid);
  // The server's own removal of a container or TTL node; false: it may not.
  bool remove_container(const std::string& path, std::int64_t zxid);
  void forget_watcher(Watcher watcher);
  // All watches go with a server's process.
  void forget_watchers();

  [[nodiscard]] Stat stat_of(const std::string& path) const;
  [[nodiscard]] std::int64_t digest() const;
  [[nodiscard]] bool may_hear(const Who& who, const AclList& acl) const;

  std::map<std::string, Node> nodes;
  std::map<std::int64_t, std::int32_t> sessions;
  std::set<std::int64_t> closed;
  // Of the last write; the judge filters them by what the watcher may read.
  struct Fired {
    ModelEvent event;
    AclList acl;
  };
  std::vector<Fired> fired;

 private:
  struct Watches {
    std::set<Watcher> standard, persistent, recursive;
  };
  struct Change;
  Verdict single(const Change& change, const Ask& ask, bool over_quota);
  Verdict create(const Change& change, const Ask& ask, bool over_quota);
  Verdict remove(const Change& change, const Ask& ask);
  Verdict set_data(const Change& change, const Ask& ask, bool over_quota);
  Verdict set_acl(const Change& change, const Ask& ask);
  Verdict check(const Change& change, const Ask& ask);
  Verdict multi(const Change& change, const Ask& ask, const std::set<std::size_t>& over_quota);
  void take_out(const std::string& path, std::int64_t zxid);
  void fire(std::int32_t type, const std::string& path, const AclList& acl, bool data_watches, bool child_watches);
  void renew(Watcher watcher, const Ask& ask);
  [[nodiscard]] std::vector<std::string> children(const std::string& path) const;
  [[nodiscard]] bool allows(const Who& who, const AclList& acl, std::int32_t perms) const;
  [[nodiscard]] std::optional<AclList> fixed(const Who& who, const AclList& acl) const;
  [[nodiscard]] bool has_hard_quota(const std::string& path) const;
  Verdict watch_table(Watcher watcher, const Ask& ask);
  Verdict multi_read(const Who& who, const Ask& ask);

  bool hard_quotas_;
  std::set<std::string> limited_;  // paths that have had a quota
  std::map<std::string, Watches> data_watches_;
  std::map<std::string, Watches> child_watches_;
};

std::string text_of(const Stat& stat);
std::string text_of(const AclList& acl);
// Length, hash and beginning.
std::string short_of(std::string_view data);

}  // namespace quoll::sim
