// Builds the state from a snapshot, in a file or from a leader, and the transactions after it.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "machine/apply.h"
#include "server/core.h"
#include "store/recovery.h"
#include "zab/history.h"

namespace quoll::server {

class StateBuilder : public store::RecoveryTarget {
 public:
  explicit StateBuilder(Core& core);

  void reset() override;
  bool on_session(std::int64_t id, std::int32_t timeout_ms) override;
  bool on_acl(std::int64_t id, AclList list) override;
  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id, const StatPersisted& stat) override;
  void on_snapshot_end(Zxid last, const store::SnapshotEnd& end) override;
  std::expected<void, std::string> on_transaction(const store::LogEntry& entry) override;
  void on_recovery_progress(std::string_view phase, std::int64_t bytes, std::int64_t bytes_total) override;

  // How long loading the snapshot took; 0 until it is loaded.
  [[nodiscard]] std::int64_t snapshot_ms() const { return snapshot_ms_; }
  // The greatest czxid in the snapshot.
  [[nodiscard]] std::int64_t czxid_max() const { return czxid_max_; }
  // The greatest zxid of any kind in the znodes of the snapshot.
  [[nodiscard]] std::int64_t zxid_max() const { return zxid_max_; }
  // The newest session id of this server that occurred.
  [[nodiscard]] std::optional<SessionId> session_max() const { return session_max_; }
  // The newest transactions after the snapshot, each following the one before.
  [[nodiscard]] std::vector<zab::Entry> take_newest();
  // Ends the building.
  std::unique_ptr<machine::State> take();
  // Ends the building, of a snapshot that came whole and is that of `last`: its state takes the place of the server's.
  void replace_state(Zxid last);

 private:
  class NoEvents : public machine::EventSink {
   public:
    void on_event(watch::EventType, std::string_view, const auth::AccessList&, Zxid,
                  std::span<const watch::WatcherId>) override {}
  };
  void keep(Zxid zxid, std::string_view bytes);
  [[nodiscard]] const AclList& acl_of(std::int64_t id) const;
  void note_session(SessionId id);
  static constexpr Zxid kUnknownEnd{INT64_MAX};
  static Zxid fuzzy_end_of(Zxid last, const store::SnapshotEnd& end);
  void check_digest();
  void report_differing();

  Core& core_;
  NoEvents no_events_;
  std::unique_ptr<machine::State> state_;
  std::unique_ptr<machine::Applier> applier_;
  std::unordered_map<std::int64_t, AclList> acl_ids_;
  std::optional<store::SnapshotDigest> digest_;
  // The recovered tree is not the one that the snapshot's digest is of. The next transaction shows whether something is
  // wrong: Apache's server may write a part of it into the snapshot, which then has the digest of the tree before.
  struct Differing {
    store::SnapshotDigest of_snapshot;
    std::int64_t recovered;
  };
  std::optional<Differing> differing_;
  Zxid fuzzy_end_;  // up to there the tree matches no state that a server had
  std::deque<zab::Entry> newest_;
  std::size_t newest_bytes_ = 0;
  std::int64_t znodes_ = 0;
  std::int64_t czxid_max_ = 0;
  std::int64_t zxid_max_ = 0;
  std::optional<SessionId> session_max_;
  std::int64_t started_ms_;
  std::int64_t reported_ms_;
  std::int64_t snapshot_ms_ = 0;
};

}  // namespace quoll::server
