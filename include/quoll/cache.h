// A copy of a znode, of its children, or of a subtree, that follows the servers and tells what changes, in order. It
// needs servers from 3.6 on (persistent watches).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quoll/client.h"

namespace quoll::zk {

enum class CacheScope {
  node,      // the znode alone
  children,  // and its children
  tree,      // and everything below it
};

struct CacheOptions {
  CacheScope scope = CacheScope::tree;
  // With more znodes the cache ends, with throttled_op.
  std::size_t nodes_max = 100'000;
  // Changes that are not taken yet. With more, all of them are replaced by one `missed`.
  std::size_t changes_max = 10'000;
};

struct CacheChange {
  enum class Kind {
    created,
    changed,
    removed,
    settled,  // everything has been read, at the beginning or after a lost connection
    stale,    // the connection is lost: what changes now is told after the next one
    ended,    // the session is over: the cache follows no more
    missed,   // changes were not taken in time: look at the whole copy
  };
  Kind kind = Kind::settled;
  std::string path;  // of the first three
  Bytes data;
  Stat stat;
};

// Any thread may use it, several at once.
class QUOLL_API Cache {
 public:
  // The client must outlive the cache. `path` need not exist.
  Cache(Client& client, std::string path, const CacheOptions& options = {});
  ~Cache();
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Waits until everything has been read. request_timeout when `patience` has passed; or why the cache has ended.
  Result<void> wait_settled(std::chrono::milliseconds patience);
  // From the copy, without asking a server. Nothing if there is no such znode, or if it is outside of the scope.
  [[nodiscard]] std::optional<NodeData> get(const std::string& path) const;
  // The names of the children, in alphabetical order.
  [[nodiscard]] std::vector<std::string> children(const std::string& path) const;
  // The next change, or nothing if none comes within this time.
  std::optional<CacheChange> next(std::chrono::milliseconds patience);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quoll::zk
