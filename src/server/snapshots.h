// Decides when to take snapshots and takes them: the loop walks the state in small slices while transactions are
// applied (state_walk.h), so the snapshot is fuzzy and needs a replay of the log. Also purges old files.
//
// A snapshot is named after the last transaction applied when the walk begins; it may contain later ones. Together with
// the log from there on it gives the state, so a crash at any point loses nothing: an incomplete snapshot never has its
// final name (snapshot_writer.h), and purging keeps three complete ones and every log after the oldest of them. Purging
// stops after a snapshot that could not be written, until one succeeds.
//
// Threads: the loop calls it. Writing and purging are jobs of one worker, so they never run concurrently.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "env/posted_call.h"
#include "server/core.h"
#include "server/journal.h"
#include "server/state_walk.h"
#include "store/data_dirs.h"
#include "store/purge.h"
#include "store/snapshot_writer.h"

namespace quoll::server {

class Snapshots {
 public:
  Snapshots(Core& core, const store::DataDirs& dirs, Journal& journal);
  ~Snapshots();

  // A transaction of `bytes` has been appended to the log.
  void on_append(std::size_t bytes);
  // Starts a snapshot unless one is under way; calls `done` with the result.
  void take(std::move_only_function<void(const std::expected<void, env::DiskError>&)> done = nullptr);
  // For somebody who waits for it: takes a snapshot that contains everything applied so far, at once or when the one
  // that is under way has ended; several who wait share one. Calls `done` from a later event, or never if this object
  // is destroyed before.
  struct Taken {
    Zxid zxid;  // in the file's name
    std::string path;
  };
  using OnTaken = std::move_only_function<void(const std::expected<Taken, env::DiskError>&)>;
  void request(OnTaken done);
  // Purges at the configured interval.
  void start_purging();
  // Before the history is changed: abandons a snapshot that is under way, and takes and purges nothing until resume().
  // Calls `then` when no file is written or removed any more; not if it is destroyed before.
  void pause(std::move_only_function<void()> then);
  void resume() { paused_ = false; }

  [[nodiscard]] bool is_running() const { return writer_ != nullptr; }
  // Bytes of the current snapshot that are not written to disk yet.
  [[nodiscard]] std::size_t pending_bytes() const { return writer_ == nullptr ? 0 : writer_->pending_bytes(); }
  [[nodiscard]] std::int64_t last_zxid() const { return last_zxid_; }
  [[nodiscard]] std::int64_t last_finished_wall_ms() const { return last_finished_wall_ms_; }

 private:
  void draw_thresholds();
  void slice();
  void next_slice();
  void abandon();
  void finish();
  void finished(std::expected<void, env::DiskError> result);
  void tell_requesters(const std::expected<Taken, env::DiskError>& taken);
  void take_requested();
  void purge();

  Core& core_;
  const store::DataDirs& dirs_;
  Journal& journal_;
  std::unique_ptr<env::Timer> purge_timer_;
  std::unique_ptr<env::Timer> wait_;
  std::unique_ptr<store::SnapshotWriter> writer_;
  std::unique_ptr<StateWalk> walk_;  // nullptr: there is none, or it has ended and the file is being completed
  std::string encoded_;              // not yet handed to the writer
  std::int64_t start_zxid_ = 0;
  std::int64_t started_us_ = 0;
  std::move_only_function<void(const std::expected<void, env::DiskError>&)> done_;
  std::vector<OnTaken> requests_;   // for the next snapshot
  std::vector<OnTaken> requested_;  // the one under way
  std::int64_t appended_ = 0;
  std::int64_t appended_bytes_ = 0;
  std::int64_t count_threshold_ = 0;
  std::int64_t bytes_threshold_ = 0;
  std::int64_t last_zxid_ = -1;
  std::int64_t last_finished_wall_ms_ = 0;
  bool purging_ = false;
  bool paused_ = false;
  bool last_failed_ = false;
  env::PostedCall slice_call_;
  env::PostedCall request_call_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<env::Worker> worker_;  // destroyed first, because its jobs use the members above
};

}  // namespace quoll::server
