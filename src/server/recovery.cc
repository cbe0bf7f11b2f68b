#include "server/recovery.h"

#include <fmt/format.h>

#include "machine/apply.h"
#include "server/request_metrics.h"
#include "store/recovery.h"
#include "types/path.h"
#include "wire/txn_record.h"

namespace quoll::server {

namespace {

constexpr std::int64_t kReportEveryMs = 1000;

class NoEvents : public machine::EventSink {
 public:
  void on_event(watch::EventType, std::string_view, const auth::AccessList&, Zxid,
                std::span<const watch::WatcherId>) override {}
};

// Builds the state from a snapshot and the log.
class StateBuilder : public store::RecoveryTarget {
 public:
  explicit StateBuilder(Core& core) : core_(core), started_ms_(core.env.clock.elapsed_ms()), reported_ms_(started_ms_) {
    reset();
  }

  void reset() override {
    state_ = std::make_unique<machine::State>(core_.options.rules, core_.hash_key);
    state_->phase = machine::State::replaying;
    applier_ = std::make_unique<machine::Applier>(*state_, core_.options.rules, no_events_);
    acl_ids_.clear();
    digest_.reset();
    znodes_ = 0;
    czxid_max_ = 0;
  }

  bool on_session(std::int64_t id, std::int32_t timeout_ms) override {
    state_->sessions[id] = timeout_ms;
    return true;
  }

  bool on_acl(std::int64_t id, AclList list) override {
    return id != -1 && acl_ids_.emplace(id, std::move(list)).second;
  }

  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id,
               const StatPersisted& stat) override {
    ++znodes_;
    czxid_max_ = std::max(czxid_max_, stat.czxid);
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

  void on_snapshot_end(Zxid last, const store::SnapshotEnd& end) override {
    state_->last_processed = last;
    snapshot_ms_ = core_.env.clock.elapsed_ms() - started_ms_;
    acl_ids_.clear();
    if (end.digest && end.digest->zxid >= last.value()) digest_ = end.digest;
    state_->is_fuzzy = digest_ && core_.options.store.digest_enabled;
    check_digest();
  }

  std::expected<void, std::string> on_transaction(const store::LogEntry& entry) override {
    const auto txn = wire::decode_txn(entry.bytes);
    if (!txn) return std::unexpected(txn.error());
    applier_->apply(*txn);
    note_written(core_.stats.metrics, txn->body);  // Apache's server counts replayed transactions, too
    check_digest();
    // From the zxid at which the snapshot was finished, each transaction must give the tree that its writer had.
    const bool is_exact =
        !digest_ && txn->digest && txn->digest->version == kDigestVersion && core_.options.store.digest_enabled;
    if (is_exact && txn->digest->tree_digest != state_->tree.digest()) ++state_->digest_mismatches;
    return {};
  }

  void on_recovery_progress(std::string_view phase, std::int64_t bytes, std::int64_t bytes_total) override {
    const std::int64_t now_ms = core_.env.clock.elapsed_ms();
    if (now_ms - reported_ms_ < kReportEveryMs) return;
    reported_ms_ = now_ms;
    const double seconds = static_cast<double>(now_ms - started_ms_) / 1000.0;
    const double rate = static_cast<double>(bytes) / 1048576.0 / seconds;
    const double left = bytes > 0 ? seconds * static_cast<double>(bytes_total - bytes) / static_cast<double>(bytes) : 0;
    core_.env.log.info("Recovering ({}): {:.1f} of {:.1f} MiB, {} znodes, {:.1f} MiB/s, about {:.0f} s left", phase,
                       static_cast<double>(bytes) / 1048576.0, static_cast<double>(bytes_total) / 1048576.0,
                       state_->tree.node_count() - 1, rate, left);
  }

  // How long loading the snapshot took; 0 until it is loaded.
  [[nodiscard]] std::int64_t snapshot_ms() const { return snapshot_ms_; }

  [[nodiscard]] std::int64_t czxid_max() const { return czxid_max_; }

  std::unique_ptr<machine::State> take() {
    state_->phase = machine::State::serving;
    state_->is_fuzzy = false;
    // Replay did not update the usage; it is computed from the tree.
    state_->tree.recount_quotas();
    return std::move(state_);
  }

 private:
  // The snapshot lacks this ACL list if the znode was changed while the snapshot was written. Until replay sets the
  // right list, nobody gets access (ZOOKEEPER-3306).
  const AclList& acl_of(std::int64_t id) {
    static const AclList kNobody{Acl{0, Id{"world", "anyone"}}};
    if (id == -1) return open_acl_unsafe();
    const auto at = acl_ids_.find(id);
    return at == acl_ids_.end() ? kNobody : at->second;
  }

  void check_digest() {
    if (!digest_ || state_->last_processed.value() < digest_->zxid) return;
    const bool comparable = core_.options.store.digest_enabled && digest_->version == kDigestVersion &&
                            state_->last_processed.value() == digest_->zxid;
    if (comparable && digest_->digest != state_->tree.digest()) {
      ++state_->digest_mismatches;
      core_.env.log.error(
          "The tree recovered up to 0x{:x} has digest {}, but the snapshot was taken of one with {}. Compare this "
          "server's data with another's",
          static_cast<std::uint64_t>(digest_->zxid), state_->tree.digest(), digest_->digest);
    }
    digest_.reset();
    state_->is_fuzzy = false;
  }

  Core& core_;
  NoEvents no_events_;
  std::unique_ptr<machine::State> state_;
  std::unique_ptr<machine::Applier> applier_;
  std::unordered_map<std::int64_t, AclList> acl_ids_;
  std::optional<store::SnapshotDigest> digest_;
  std::int64_t znodes_ = 0;
  std::int64_t czxid_max_ = 0;
  std::int64_t started_ms_;
  std::int64_t reported_ms_;
  std::int64_t snapshot_ms_ = 0;
};

}  // namespace

std::expected<Recovery, std::string> recover_state(Core& core, const store::DataDirs& dirs) {
  const std::int64_t started_ms = core.env.clock.elapsed_ms();
  StateBuilder rebuild(core);
  const auto recovered = store::recover(dirs, core.options.store, core.env.clock.wall_ms(), rebuild);
  if (!recovered) return std::unexpected(recovered.error());
  for (const std::string& report : recovered->reports) core.env.log.warn("{}", report);
  Recovery recovery;
  recovery.state = rebuild.take();
  recovery.state->last_processed = recovered->last;
  recovery.czxid_max = rebuild.czxid_max();
  recovery.is_fresh = recovered->is_fresh;
  recovery.transactions = recovered->transactions;
  recovery.took_ms = core.env.clock.elapsed_ms() - started_ms;
  Metrics& metrics = core.stats.metrics;
  metrics.recovery_ms.add(recovery.took_ms);
  metrics.recovery_snapshot_ms.add(rebuild.snapshot_ms());
  if (!recovered->is_fresh) {
    metrics.recovery_txns.add(recovered->transactions);
    metrics.recovery_txns_ms.add(recovery.took_ms - rebuild.snapshot_ms());
  }
  if (recovered->is_fresh) {
    core.env.log.info("Starting with an empty database in {}", dirs.snapshot_dir());
  } else {
    core.env.log.info("Recovered {} znodes and {} sessions up to zxid 0x{:x} ({} transactions replayed) in {} ms",
                      recovery.state->tree.node_count() - 1, recovery.state->sessions.size(),
                      static_cast<std::uint64_t>(recovered->last.value()), recovered->transactions, recovery.took_ms);
  }
  return recovery;
}

}  // namespace quoll::server
