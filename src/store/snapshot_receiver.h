// Takes the state that a leader sends after SNAP: gives its content to a visitor, which builds the state in memory, and
// writes it to a snapshot file.
//
// The file has a temporary name, which a start removes. It is no part of the history before install_snapshot() has
// made it one: whatever fails before that leaves the history as it was.
//
// Threads: the loop calls it; only the worker accesses the file. The memory that it takes is one znode, plus
// pending_bytes(): the caller stops reading from the link while that is large.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "env/worker.h"
#include "store/install_snapshot.h"
#include "store/snapshot_file.h"
#include "store/snapshot_parser.h"

namespace quoll::store {

class SnapshotReceiver {
 public:
  // `at`: the zxid that the leader named. `worker` must outlive the receiver.
  SnapshotReceiver(const DataDirs& dirs, env::Worker& worker, const Options& options, Zxid at, SnapshotVisitor& visitor,
                   SnapshotParser::End end = SnapshotParser::End::signature);
  ~SnapshotReceiver();  // removes the file unless finish() has been called
  SnapshotReceiver(const SnapshotReceiver&) = delete;
  SnapshotReceiver& operator=(const SnapshotReceiver&) = delete;

  // As SnapshotParser::take(). An error may also be the disk's.
  std::expected<std::size_t, std::string> take(std::string_view bytes);
  [[nodiscard]] bool is_complete() const { return parser_.is_complete(); }
  // Bytes that are not in the file yet.
  [[nodiscard]] std::size_t pending_bytes() const { return *pending_ + chunk_.size(); }

  // When it is complete: seals and syncs the file, then calls `done`. After an error the file is removed.
  using Done = std::move_only_function<void(std::expected<ReceivedSnapshot, env::DiskError>)>;
  void finish(Done done);

 private:
  void push();

  env::Worker& worker_;
  Zxid at_;
  std::shared_ptr<SnapshotFile> file_;  // only the worker accesses it
  SnapshotParser parser_;
  std::string chunk_;
  bool finished_ = false;
  std::shared_ptr<std::size_t> pending_ = std::make_shared<std::size_t>(0);
  std::shared_ptr<std::string> disk_error_ = std::make_shared<std::string>();
};

}  // namespace quoll::store
