#include "machine/apply.h"

#include <algorithm>

#include "machine/ops/ops.h"

namespace quoll::machine {

namespace {
constexpr std::int64_t kDigestLogInterval = 128;
constexpr std::size_t kDigestLogMax = 1024;
}  // namespace

void Applier::fire(watch::WatchTable& table, watch::EventType type, std::string_view path, const auth::AccessList& acl,
                   std::int64_t zxid) {
  const auto watchers = table.trigger(path);
  if (!watchers.empty()) events_.on_event(type, path, acl, Zxid{zxid}, watchers);
}

void Applier::fire_deleted(std::string_view path, const auth::AccessList& acl, std::int64_t zxid) {
  auto watchers = state_.data_watches.trigger(path);
  const auto children = state_.child_watches.trigger(path);
  if (!children.empty()) {
    watchers.insert(watchers.end(), children.begin(), children.end());
    std::sort(watchers.begin(), watchers.end());
    watchers.erase(std::unique(watchers.begin(), watchers.end()), watchers.end());
  }
  if (!watchers.empty()) events_.on_event(watch::EventType::node_deleted, path, acl, Zxid{zxid}, watchers);
}

void Applier::note_digest(const Txn& txn) {
  // Without digests the tree's digest is 0. The four-letter word `hash` lists this 0, as in Apache.
  const std::int64_t digest = state_.tree.digest();
  const bool is_compared = rules_.digests == tree::Digests::on && state_.phase == State::serving && !state_.is_fuzzy;
  if (is_compared && txn.digest && txn.digest->version == kDigestVersion && txn.digest->tree_digest != digest)
    ++state_.digest_mismatches;
  if (txn.header.zxid % kDigestLogInterval != 0 || state_.is_fuzzy) return;
  state_.digest_log.push_back(ZxidDigest{txn.header.zxid, kDigestVersion, digest});
  if (state_.digest_log.size() > kDigestLogMax) state_.digest_log.pop_front();
}

ApplyResult Applier::apply(const Txn& txn) {
  ApplyResult result = ops::apply_body(*this, txn.header, txn.body);
  // Set last: a snapshot that starts while a multi is being applied must not count the whole multi as applied.
  if (txn.header.zxid > state_.last_processed.value()) state_.last_processed = Zxid{txn.header.zxid};
  note_digest(txn);
  return result;
}

}  // namespace quoll::machine
