// The replicated state of one server (tree, sessions and watches) after the last applied transaction.
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

// The tree's digest after a transaction.
struct ZxidDigest {
  std::int64_t zxid = 0;
  std::int32_t version = kDigestVersion;
  std::int64_t digest = 0;
};

struct State {
  // `key`: for all hash tables of the state.
  explicit State(const Rules& rules, const base::HashKey& key = {})
      : tree(rules.owner_rules, rules.digests, key), data_watches(key), child_watches(key) {}

  tree::Tree tree;
  // All global sessions and their timeouts, as stored in snapshots. Whether they are alive is tracked by the server.
  std::unordered_map<std::int64_t, std::int32_t> sessions;
  watch::WatchTable data_watches;
  watch::WatchTable child_watches;
  Zxid last_processed;
  // The digests of every 128th zxid, at most the newest 1024 (four-letter word `hash`).
  std::deque<ZxidDigest> digest_log;
  std::uint64_t digest_mismatches = 0;

  // While the log is replayed over a snapshot, quota usage is not updated (it is recomputed at the end) and watches do
  // not fire.
  enum { serving, replaying } phase = serving;
  // True from loading or receiving a snapshot that was taken during writes until what was written meanwhile is applied.
  // Until then neither the tree nor its digest matches any state that a server had.
  bool is_fuzzy = false;

  [[nodiscard]] std::size_t watch_count() const { return data_watches.size() + child_watches.size(); }
};

}  // namespace quoll::machine
