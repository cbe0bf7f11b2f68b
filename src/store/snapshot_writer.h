// Writes a snapshot (docs/formats/snapshot.md) in pieces: the loop encodes; a worker computes checksums, compresses and
// writes.
//
// Files: quoll-tmp.snapshot.<zxid> is fsynced, renamed to snapshot.<zxid>, and made durable by an fsync of the
// directory, in this order. A crash before the rename leaves the temporary file, which the next start removes. After
// the rename the snapshot is complete, but until `done` is called a power failure may undo the rename. So nothing that
// the snapshot replaces may be removed before that.
//
// Threads: the loop calls it; only the worker accesses the file.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/nullable.h"
#include "env/disk.h"
#include "env/worker.h"
#include "store/options.h"
#include "store/snapshot_file.h"
#include "types/acl.h"
#include "types/ids.h"
#include "types/stat.h"
#include "types/txn.h"

namespace quoll::store {

struct SnapshotDigest {
  std::int64_t zxid = 0;
  std::int32_t version = kDigestVersion;
  std::int64_t digest = 0;
};

class SnapshotWriter {
 public:
  // `directory` is the version-2 directory. `zxid` names the file: the content includes at least everything up to it.
  SnapshotWriter(env::Disk& disk, env::Worker& worker, const std::string& directory, const Options& options, Zxid zxid);
  ~SnapshotWriter();  // removes the file if it is unfinished; the worker must still exist

  // Call these in this order, each as often as needed.
  void sessions(const std::unordered_map<std::int64_t, std::int32_t>& timeouts_ms);
  void acl_count(std::int32_t count);
  void acl(std::int64_t id, const AclList& list);
  // Parents before children. `path` is "" for the root. `acl_id` -1 is the open ACL.
  void node(std::string_view path, base::NullableView data, std::int64_t acl_id, const StatPersisted& stat);

  // Instead of these four: the bytes that they would write (snapshot_bytes.h). They are handed to the worker at once.
  void bytes(std::string&& encoded);

  using Done = std::move_only_function<void(std::expected<void, env::DiskError>)>;
  // Completes the file, makes it durable under its final name, then calls `done`. After an error the incomplete file is
  // removed and nothing else is changed.
  void finish(std::optional<SnapshotDigest> digest, std::optional<Zxid> last_processed, Done done);

  // The file's final name, without its directory.
  [[nodiscard]] const std::string& name() const { return file_->name(); }
  // Bytes handed to the worker and not yet written. Callers pause when it grows.
  [[nodiscard]] std::size_t pending_bytes() const { return *pending_; }

 private:
  void push_when_full();
  void push();
  void seal();

  env::Worker& worker_;
  std::shared_ptr<SnapshotFile> file_;  // only the worker accesses it
  std::string chunk_;
  bool finished_ = false;
  std::shared_ptr<std::size_t> pending_ = std::make_shared<std::size_t>(0);
};

}  // namespace quoll::store
