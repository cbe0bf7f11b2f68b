// Replaces the state of a server that runs alone by a snapshot that a client uploads (the command restore of the
// AdminServer).
//
// The snapshot becomes a file and a state of its own while it comes. When all of it has come and is right, clients are
// disconnected, the log is closed, and the file is put in the place of the history (store::install_snapshot): a power
// failure leaves the old state or the new one. The new state gets a zxid above everything that the server has had, and
// not below the snapshot's own, so that no client finds the server behind what it has seen. Sessions are those of the
// snapshot.
//
// A member of an ensemble must not do that: the others would keep their states.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/core.h"
#include "server/journal.h"
#include "server/snapshots.h"
#include "server/state_builder.h"
#include "store/data_dirs.h"
#include "store/snapshot_upload.h"

namespace quoll::server {

class Restore {
 public:
  struct Callbacks {
    // Clients are disconnected, and nothing more is proposed.
    std::function<void()> stop_serving;
    // core.state is the new one. `generation`: of the log from now on (zab::AppendLog).
    std::function<void(std::uint64_t generation)> serve_again;
    // The process must end.
    std::function<void(std::string why)> on_failed;
  };
  Restore(Core& core, store::DataDirs& dirs, Journal& journal, Snapshots& snapshots, Callbacks callbacks);
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;
  ~Restore();

  // A snapshot while it is uploaded. Its destruction before complete() gives it up, and nothing has changed. It may
  // outlive the Restore, but not be used then.
  class Upload;
  // nullptr: another one is under way.
  std::shared_ptr<Upload> begin();

 private:
  void on_written(const std::shared_ptr<Upload>& upload, const store::ReceivedSnapshot& received);
  // When everything that is in the log has been applied: else it would be applied to the new state.
  void when_settled(std::move_only_function<void()> then);
  void install(const std::shared_ptr<Upload>& upload, const store::ReceivedSnapshot& received, env::Worker& worker);
  void take_over(Upload& upload, Zxid at);

  Core& core_;
  store::DataDirs& dirs_;
  Journal& journal_;
  Snapshots& snapshots_;
  Callbacks callbacks_;
  std::uint64_t generation_ = 0;
  std::weak_ptr<Upload> current_;
  std::unique_ptr<env::Timer> wait_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::shared_ptr<env::Worker> worker_;  // writes uploads, which share it
};

class Restore::Upload : public std::enable_shared_from_this<Upload> {
 public:
  using OnDone = std::move_only_function<void(const std::expected<Zxid, std::string>&)>;

  explicit Upload(Restore& restore);
  // The error says what is wrong with the snapshot, or with the disk: then nothing more may be given.
  std::expected<void, std::string> take(std::string_view bytes) { return snapshot_.take(bytes); }
  // Bytes that are not in the file yet.
  [[nodiscard]] std::size_t pending_bytes() const { return snapshot_.pending_bytes(); }
  // Everything has come. `done` is called from a later event, with the zxid of the new state or with what is wrong;
  // then nothing has changed. The upload keeps itself alive until then.
  void complete(OnDone done);

 private:
  friend class Restore;
  void tell(const std::expected<Zxid, std::string>& result);

  Restore& restore_;
  const std::weak_ptr<bool> alive_;  // expired: so is the Restore
  const std::shared_ptr<env::Worker> worker_;
  StateBuilder builder_;
  store::SnapshotUpload snapshot_;
  store::SnapshotEnd end_;
  OnDone done_;
  std::int64_t began_ms_;
};

}  // namespace quoll::server
