#include "server/state_builder.h"

#include <iterator>

#include "base/mib.h"
#include "server/request_metrics.h"
#include "server/session_ids.h"
#include "session/session_id.h"
#include "types/path.h"
#include "wire/txn_record.h"

namespace quoll::server {

namespace {

constexpr std::int64_t kReportEveryMs = 1000;
// Of the newest transactions, which learners may lack: at least as many as Apache's commitLogCount.
constexpr std::size_t kNewestMax = 1000;
constexpr std::size_t kNewestBytesMax = std::size_t{32} << 20;

}  // namespace

StateBuilder::StateBuilder(Core& core)
    : core_(core), started_ms_(core.env.clock.elapsed_ms()), reported_ms_(started_ms_) {
  reset();
}

void StateBuilder::reset() {
  state_ = std::make_unique<machine::State>(core_.options.rules, core_.hash_key);
  state_->phase = machine::State::replaying;
  applier_ = std::make_unique<machine::Applier>(*state_, core_.options.rules, no_events_);
  acl_ids_.clear();
  fuzzy_end_ = Zxid{0};
  digest_.reset();
  differing_.reset();
  newest_.clear();
  newest_bytes_ = 0;
  znodes_ = 0;
  czxid_max_ = 0;
  zxid_max_ = 0;
  session_max_.reset();
}

bool StateBuilder::on_session(std::int64_t id, std::int32_t timeout_ms) {
  state_->sessions[id] = timeout_ms;
  note_session(SessionId{id});
  return true;
}

bool StateBuilder::on_acl(std::int64_t id, AclList list) {
  return id != -1 && acl_ids_.emplace(id, std::move(list)).second;
}

bool StateBuilder::on_node(std::string_view path, base::NullableView data, std::int64_t acl_id,
                           const StatPersisted& stat) {
  ++znodes_;
  czxid_max_ = std::max(czxid_max_, stat.czxid);
  zxid_max_ = std::max({zxid_max_, stat.czxid, stat.mzxid, stat.pzxid});
  tree::Tree& tree = state_->tree;
  const tree::AclId acl = tree.acls().acquire(acl_of(acl_id));
  if (const tree::NodeId there = tree.find(path); there != tree::kNoNode) {
    // Every new tree contains these. Any other existing path occurs twice in the file.
    if (!path.empty() && !path::is_special(path)) return false;
    tree.overwrite(path, there, data, acl, stat);
    return true;
  }
  if (!path::is_below_root(path)) return false;
  const tree::NodeId parent = tree.find(path::parent(path));
  if (parent == tree::kNoNode) return false;
  tree.add(path, parent, data, acl, stat);
  if (const auto of = tree::quota_path_of(path::parent(path));
      of && !of->empty() && path::name(path) == path::kLimitNode)
    tree.quotas().add(*of);
  return true;
}

void StateBuilder::on_snapshot_end(Zxid last, const store::SnapshotEnd& end) {
  state_->last_processed = last;
  snapshot_ms_ = core_.env.clock.elapsed_ms() - started_ms_;
  acl_ids_.clear();
  if (end.digest && end.digest->zxid >= last.value()) digest_ = end.digest;
  state_->is_fuzzy = digest_ && core_.options.store.digest_enabled;
  fuzzy_end_ = fuzzy_end_of(last, end);
  check_digest();
}

// The state that a leader has sent, and files of old versions, do not say when their walk ended. The tree before the
// first transaction is that of every server.
Zxid StateBuilder::fuzzy_end_of(Zxid last, const store::SnapshotEnd& end) {
  if (last == Zxid{0}) return last;
  if (end.last_processed) return *end.last_processed;
  return end.digest ? Zxid{end.digest->zxid} : kUnknownEnd;
}

std::expected<void, std::string> StateBuilder::on_transaction(const store::LogEntry& entry) {
  const auto txn = wire::decode_txn(entry.bytes);
  if (!txn) return std::unexpected(txn.error());
  if (std::holds_alternative<CreateSessionTxn>(txn->body)) note_session(SessionId{txn->header.client_id});
  applier_->apply(*txn);
  if (core_.options.ensemble) keep(Zxid{entry.header.zxid}, entry.bytes);
  note_written(core_.stats.metrics, txn->body);  // Apache's server counts replayed transactions, too
  // The snapshot may hold a part of the transaction after its end: Apache's server walks the tree while it is changed.
  // From that transaction on each must give the tree that its writer had.
  const bool is_exact = !digest_ && Zxid{txn->header.zxid} > fuzzy_end_ && txn->digest &&
                        txn->digest->version == kDigestVersion && core_.options.store.digest_enabled;
  if (is_exact) {
    if (txn->digest->tree_digest != state_->tree.digest()) {
      report_differing();
      ++state_->digest_mismatches;
    }
    differing_.reset();
  }
  check_digest();
  return {};
}

void StateBuilder::on_recovery_progress(std::string_view phase, std::int64_t bytes, std::int64_t bytes_total) {
  const std::int64_t now_ms = core_.env.clock.elapsed_ms();
  if (now_ms - reported_ms_ < kReportEveryMs) return;
  reported_ms_ = now_ms;
  const double seconds = static_cast<double>(now_ms - started_ms_) / 1000.0;
  const double rate = base::mib(bytes) / seconds;
  const double left = bytes > 0 ? seconds * static_cast<double>(bytes_total - bytes) / static_cast<double>(bytes) : 0;
  core_.env.log.info("Recovering ({}): {:.1f} of {:.1f} MiB, {} znodes, {:.1f} MiB/s, about {:.0f} s left", phase,
                     base::mib(bytes), base::mib(bytes_total), state_->tree.node_count() - 1, rate, left);
}

std::vector<zab::Entry> StateBuilder::take_newest() {
  return {std::make_move_iterator(newest_.begin()), std::make_move_iterator(newest_.end())};
}

std::unique_ptr<machine::State> StateBuilder::take() {
  state_->phase = machine::State::serving;
  if (differing_) ++state_->digest_mismatches;
  report_differing();
  // Then the server learns later from when on the tree is exact.
  state_->is_fuzzy = fuzzy_end_ == kUnknownEnd && core_.options.ensemble.has_value();
  // Replay did not update the usage; it is computed from the tree.
  state_->tree.recount_quotas();
  return std::move(state_);
}

void StateBuilder::replace_state(Zxid last) {
  on_snapshot_end(last, {});
  core_.recovered_czxid_max = czxid_max_;
  core_.state = std::move(*take());
}

void StateBuilder::keep(Zxid zxid, std::string_view bytes) {
  newest_.push_back({zxid, std::make_shared<const std::string>(bytes)});
  newest_bytes_ += bytes.size();
  while (newest_.size() > kNewestMax || newest_bytes_ > kNewestBytesMax) {
    newest_bytes_ -= newest_.front().record->size();
    newest_.pop_front();
  }
}

// The snapshot lacks this ACL list if the znode was changed while the snapshot was written. Until replay sets the
// right list, nobody gets access (ZOOKEEPER-3306).
const AclList& StateBuilder::acl_of(std::int64_t id) const {
  static const AclList kNobody{Acl{0, Id{"world", "anyone"}}};
  if (id == -1) return open_acl_unsafe();
  const auto at = acl_ids_.find(id);
  return at == acl_ids_.end() ? kNobody : at->second;
}

void StateBuilder::note_session(SessionId id) {
  if (session::server_of(id) == core_.options.session_server) session_max_ = SessionIds::later(session_max_, id);
}

void StateBuilder::check_digest() {
  if (!digest_ || state_->last_processed.value() < digest_->zxid) return;
  const bool comparable = core_.options.store.digest_enabled && digest_->version == kDigestVersion &&
                          state_->last_processed.value() == digest_->zxid;
  if (comparable && digest_->digest != state_->tree.digest()) differing_ = Differing{*digest_, state_->tree.digest()};
  digest_.reset();
  state_->is_fuzzy = false;
}

void StateBuilder::report_differing() {
  if (!differing_) return;
  core_.env.log.error(
      "The tree recovered up to 0x{:x} has digest {}, but the snapshot was taken of one with {}. Compare this "
      "server's data with another's",
      static_cast<std::uint64_t>(differing_->of_snapshot.zxid), differing_->recovered, differing_->of_snapshot.digest);
  differing_.reset();
}

}  // namespace quoll::server
