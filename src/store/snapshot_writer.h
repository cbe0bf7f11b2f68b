// Writes a snapshot (docs/formats/snapshot.md) piece by piece: the loop encodes, a worker checksums, compresses and
// writes.
//
// Files: quoll-tmp.snapshot.<zxid>, which is fsynced, renamed to snapshot.<zxid> and made durable by an fsync of the
// directory, in this order. A crash before the rename leaves the temporary file, which the next start removes; after it
// the snapshot is whole, though a power failure may take its name away again until `done` has been called. So nothing
// that it replaces may be removed before that.
//
// Who calls: the loop. The worker alone touches the file.
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
  // `directory` is the version-2 one; `zxid` names the file: the content holds at least everything up to it.
  SnapshotWriter(env::Disk& disk, env::Worker& worker, const std::string& directory, const Options& options, Zxid zxid);
  ~SnapshotWriter();  // unfinished: the half-made file is removed; the worker must still be there

  // In this order, each as often as it takes.
  void sessions(const std::unordered_map<std::int64_t, std::int32_t>& timeouts_ms);
  void acl_count(std::int32_t count);
  void acl(std::int64_t id, const AclList& list);
  // Parents before children; `path` is "" for the root. -1 is the open ACL.
  void node(std::string_view path, base::NullableView data, std::int64_t acl_id, const StatPersisted& stat);

  using Done = std::move_only_function<void(std::expected<void, env::DiskError>)>;
  // Ends the file and makes it durable under its name; then `done`. On an error the half-made file is removed and
  // nothing else is touched.
  void finish(std::optional<SnapshotDigest> digest, std::optional<Zxid> last_processed, Done done);

  // Handed to the worker and not yet written: whoever walks the tree waits when this grows.
  [[nodiscard]] std::size_t pending_bytes() const { return *pending_; }

 private:
  class File;
  void push_when_full();
  void push();
  void seal();

  env::Worker& worker_;
  std::shared_ptr<File> file_;
  std::string chunk_;
  bool finished_ = false;
  std::shared_ptr<std::size_t> pending_ = std::make_shared<std::size_t>(0);
};

}  // namespace quoll::store
