#include "store/snapshot_writer.h"

#include "store/file_names.h"
#include "store/snapshot_bytes.h"
#include "store/snapshot_file.h"
#include "store/snapshot_format.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {
constexpr std::size_t kChunkBytes = 256 * 1024;
}  // namespace

SnapshotWriter::SnapshotWriter(env::Disk& disk, env::Worker& worker, const std::string& directory,
                               const Options& options, Zxid zxid)
    : worker_(worker), file_(std::make_shared<SnapshotFile>(disk, directory, kTemporaryPrefix, options, zxid)) {
  wire::Writer writer(chunk_);
  writer.put(kSnapshotMagic);
  writer.put(kSnapshotVersion);
  writer.put(kSnapshotDbId);
}

SnapshotWriter::~SnapshotWriter() {
  if (!finished_) worker_.run([file = file_] { file->discard(); }, [] {});
}

void SnapshotWriter::push_when_full() {
  if (chunk_.size() >= kChunkBytes) push();
}

void SnapshotWriter::push() {
  if (chunk_.empty()) return;
  const std::size_t bytes = chunk_.size();
  *pending_ += bytes;
  worker_.run([file = file_, chunk = std::exchange(chunk_, {})] { file->write(chunk); },
              [pending = pending_, bytes] { *pending -= bytes; });
  chunk_.reserve(kChunkBytes + kChunkBytes / 4);
}

void SnapshotWriter::seal() {
  push();
  worker_.run([file = file_] { file->seal(); }, [] {});
}

void SnapshotWriter::sessions(const std::unordered_map<std::int64_t, std::int32_t>& timeouts_ms) {
  put_count(timeouts_ms.size(), chunk_);
  for (const auto& [id, timeout_ms] : timeouts_ms) {
    put_session(id, timeout_ms, chunk_);
    push_when_full();
  }
}

void SnapshotWriter::acl_count(std::int32_t count) {
  wire::Writer(chunk_).put(count);
}

void SnapshotWriter::acl(std::int64_t id, const AclList& list) {
  put_acl(id, list, chunk_);
  push_when_full();
}

void SnapshotWriter::node(std::string_view path, base::NullableView data, std::int64_t acl_id,
                          const StatPersisted& stat) {
  put_node(path, data, acl_id, stat, chunk_);
  push_when_full();
}

void SnapshotWriter::bytes(std::string&& encoded) {
  if (chunk_.empty()) {
    chunk_ = std::move(encoded);
  } else {
    chunk_.append(encoded);
  }
  push();
}

void SnapshotWriter::finish(std::optional<SnapshotDigest> digest, std::optional<Zxid> last_processed, Done done) {
  finished_ = true;
  put_end_of_nodes(chunk_);
  seal();
  if (digest) {
    wire::Writer writer(chunk_);
    writer.put(digest->zxid);
    writer.put(digest->version);
    writer.put(digest->digest);
    seal();
  }
  if (last_processed) {
    wire::Writer(chunk_).put(last_processed->value());
    seal();
  }
  worker_.run(
      [file = file_] {
        file->close();
        file->publish();
      },
      [file = file_, done = std::move(done)]() mutable {
        if (file->error()) return done(std::unexpected(*file->error()));
        done({});
      });
}

}  // namespace quoll::store
