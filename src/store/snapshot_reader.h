// Reads a snapshot, checking every length, every count and all seals.
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

// Takes what a snapshot holds, in file order. False refuses the snapshot.
class SnapshotVisitor {
 public:
  virtual ~SnapshotVisitor() = default;
  virtual bool on_session(std::int64_t id, std::int32_t timeout_ms) = 0;
  virtual bool on_acl(std::int64_t id, AclList list) = 0;
  virtual bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id,
                       const StatPersisted& stat) = 0;
  // Now and then, with the bytes read so far.
  virtual void on_progress(std::int64_t) {}
};

struct SnapshotEnd {
  std::optional<SnapshotDigest> digest;
  std::optional<Zxid> last_processed;
};

// The error says what is wrong with the file, for a person. A compressed file is checked whole before the visitor hears
// of anything in it: a few bytes may unpack to a thousand times as many, and only their end says whether they are good.
std::expected<SnapshotEnd, std::string> load_snapshot(env::Disk& disk, const StoreFile& file, SnapshotVisitor& visitor);

// Whether it would load, in little memory whatever it claims.
std::expected<SnapshotEnd, std::string> check_snapshot(env::Disk& disk, const StoreFile& file);

// A look at the end (plain) or the beginning (compressed) of a file: could this be whole? Cheap enough for purging.
bool looks_whole(env::Disk& disk, const StoreFile& file);

}  // namespace quoll::store
