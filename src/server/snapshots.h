// When snapshots are taken, and how: the tree is walked in small slices on the loop while transactions go on being
// applied, and replay makes the result whole (ZooKeeper's fuzzy snapshot). Old files are purged here too.
//
// A snapshot is named for the last transaction applied when the walk begins; it may hold later ones. Together with the
// log from there on it gives the state, so a crash at any point loses nothing: an unfinished snapshot never has its
// name (snapshot_writer.h), and purging keeps three whole ones and every log behind the oldest of them. Purging stops
// after a snapshot that could not be written, until one succeeds.
//
// Who calls: the loop. Writing and purging are jobs of one worker, so that they never run side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "env/posted_call.h"
#include "server/core.h"
#include "server/journal.h"
#include "store/data_dirs.h"
#include "store/purge.h"
#include "store/snapshot_writer.h"

namespace quoll::server {

class Snapshots {
 public:
  Snapshots(Core& core, const store::DataDirs& dirs, Journal& journal);
  ~Snapshots();

  // A transaction of so many bytes has been given to the log.
  void on_append(std::size_t bytes);
  // Starts one unless one is under way; then `done`, with how it went.
  void take(std::move_only_function<void(const std::expected<void, env::DiskError>&)> done = nullptr);
  // Purges at the configured interval.
  void start_purging();

  [[nodiscard]] bool is_running() const { return writer_ != nullptr; }
  // Of the one that is being written: what the disk has not taken yet.
  [[nodiscard]] std::size_t pending_bytes() const { return writer_ == nullptr ? 0 : writer_->pending_bytes(); }
  [[nodiscard]] std::int64_t last_zxid() const { return last_zxid_; }
  [[nodiscard]] std::int64_t last_finished_wall_ms() const { return last_finished_wall_ms_; }

 private:
  void draw_thresholds();
  void slice();
  void next_slice();
  // The tree has been walked, or will not be any further.
  void stop_walking();
  void finish();
  void finished(std::expected<void, env::DiskError> result);
  void write_head();
  void write_node(tree::NodeId id);
  void purge();

  Core& core_;
  const store::DataDirs& dirs_;
  Journal& journal_;
  std::unique_ptr<env::Timer> purge_timer_;
  std::unique_ptr<env::Timer> wait_;
  std::unique_ptr<store::SnapshotWriter> writer_;
  std::int64_t start_zxid_ = 0;
  std::int64_t started_us_ = 0;
  std::move_only_function<void(const std::expected<void, env::DiskError>&)> done_;
  tree::NodeId cursor_ = tree::kNoNode;
  std::string path_;
  std::int64_t appended_ = 0;
  std::int64_t appended_bytes_ = 0;
  std::int64_t count_threshold_ = 0;
  std::int64_t bytes_threshold_ = 0;
  std::int64_t last_zxid_ = -1;
  std::int64_t last_finished_wall_ms_ = 0;
  bool purging_ = false;
  bool last_failed_ = false;
  env::PostedCall slice_call_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<env::Worker> worker_;  // goes first: its jobs use what stands above
};

}  // namespace quoll::server
