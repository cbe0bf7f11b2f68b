// Reads a snapshot and checks every length, count and checksum.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/nullable.h"
#include "env/disk.h"
#include "store/data_dirs.h"
#include "store/snapshot_writer.h"
#include "types/acl.h"
#include "types/stat.h"

namespace quoll::store {

// Receives the content of a snapshot in file order. Returning false refuses the snapshot.
class SnapshotVisitor {
 public:
  virtual ~SnapshotVisitor() = default;
  virtual bool on_session(std::int64_t id, std::int32_t timeout_ms) = 0;
  virtual bool on_acl(std::int64_t id, AclList list) = 0;
  virtual bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id,
                       const StatPersisted& stat) = 0;
  // Called from time to time with the number of bytes read.
  virtual void on_progress(std::int64_t) {}
};

struct SnapshotEnd {
  std::optional<SnapshotDigest> digest;
  std::optional<Zxid> last_processed;
};

// The error says what is wrong with the file, for people. A compressed file is checked completely before the visitor
// gets anything: a few bytes may unpack to a thousand times as many, and only their end shows whether they are valid.
std::expected<SnapshotEnd, std::string> load_snapshot(env::Disk& disk, const StoreFile& file, SnapshotVisitor& visitor);

// Checks whether the file would load, using little memory.
std::expected<SnapshotEnd, std::string> check_snapshot(env::Disk& disk, const StoreFile& file);

// Checks the end (uncompressed) or the beginning (compressed) of a file: false means that it is incomplete. Fast enough
// to run on every purge.
bool seems_complete(env::Disk& disk, const StoreFile& file);

}  // namespace quoll::store
