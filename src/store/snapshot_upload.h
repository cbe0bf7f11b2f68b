// Takes the bytes of a whole uncompressed snapshot file in pieces, as a client uploads them: gives their content to a
// visitor, which builds the state in memory, and keeps them in a file with a temporary name, which a start removes.
// Nothing else is changed before install_snapshot() puts the file in the place of the history.
//
// Threads and memory: as SnapshotReceiver.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "store/snapshot_receiver.h"

namespace quoll::store {

class SnapshotUpload {
 public:
  // `worker` must outlive the upload.
  SnapshotUpload(const DataDirs& dirs, env::Worker& worker, const Options& options, SnapshotVisitor& visitor)
      : receiver_(dirs, worker, options, Zxid{0}, visitor, SnapshotParser::End::znodes) {}

  // The error says what is wrong with the bytes, or with the disk; then nothing more may be given.
  std::expected<void, std::string> take(std::string_view bytes);
  // There are no more bytes. The error says what is wrong with them.
  std::expected<SnapshotEnd, std::string> end() const;
  // After a good end(): as SnapshotReceiver::finish(). The names are those of a snapshot at zxid 0: who installs it
  // says which it is.
  void finish(SnapshotReceiver::Done done) { receiver_.finish(std::move(done)); }
  // Bytes that are not in the file yet.
  [[nodiscard]] std::size_t pending_bytes() const { return receiver_.pending_bytes(); }

 private:
  std::expected<void, std::string> check_head();

  SnapshotReceiver receiver_;
  std::string head_;  // until it is whole
  bool has_head_ = false;
  std::string trailer_;
  std::uint32_t adler_ = 1;  // of everything before the trailer
};

}  // namespace quoll::store
