// The replicated state of one server: tree, sessions and watches, as of the last transaction applied. Nothing here
// knows of requests.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>

#include "machine/rules.h"
#include "session/session_table.h"
#include "tree/tree.h"
#include "types/ids.h"
#include "types/txn.h"
#include "watch/watch_table.h"

namespace quoll::machine {

// The tree's digest as it was after a transaction.
struct ZxidDigest {
  std::int64_t zxid = 0;
  std::int32_t version = kDigestVersion;
  std::int64_t digest = 0;
};

struct State {
  // `key` is that of all its hash tables.
  explicit State(const Rules& rules, const base::HashKey& key = {})
      : tree(rules.owner_rules, rules.digests, key), data_watches(key), child_watches(key) {}

  tree::Tree tree;
  // Every global session and its timeout, as snapshots hold them. Whether they are alive is the server's to know.
  std::unordered_map<std::int64_t, std::int32_t> sessions;
  watch::WatchTable data_watches;
  watch::WatchTable child_watches;
  Zxid last_processed;
  // Every 128th zxid's digest, the newest 1024 (four-letter word `hash`).
  std::deque<ZxidDigest> digest_log;
  std::uint64_t digest_mismatches = 0;

  // While a log is replayed over a snapshot, quotas are not counted along (they are recounted at the end) and watches
  // are silent.
  enum { serving, replaying } phase = serving;
  // A snapshot that was taken while writes went on is loaded, and replay has not come to its end yet: the tree is one
  // that never was, and so is its digest.
  bool is_fuzzy = false;

  [[nodiscard]] std::size_t watch_count() const { return data_watches.size() + child_watches.size(); }
};

}  // namespace quoll::machine
