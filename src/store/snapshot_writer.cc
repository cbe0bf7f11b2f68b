#include "store/snapshot_writer.h"

#include <fmt/format.h>
#include <zlib.h>

#include "store/compression.h"
#include "store/file_names.h"
#include "store/snapshot_format.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {
constexpr std::size_t kChunkBytes = 256 * 1024;
}  // namespace

// State that only the worker accesses. After the first error the rest is skipped.
class SnapshotWriter::File {
 public:
  File(env::Disk& disk, std::string directory, const Options& options, Zxid zxid)
      : disk_(disk),
        directory_(std::move(directory)),
        name_(snapshot_name(zxid, suffix_of(options.compression))),
        temporary_(fmt::format("{}/{}{}", directory_, kTemporaryPrefix, name_)),
        compressor_(make_compressor(options.compression)) {}

  void write(std::string_view bytes) {
    if (error_) return;
    if (file_ == nullptr) open();
    adler_ = static_cast<std::uint32_t>(adler32_z(adler_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
    std::string out;
    compressor_->write(bytes, out);
    put(out);
  }
  void seal() {
    std::string bytes;
    wire::Writer writer(bytes);
    writer.put(static_cast<std::int64_t>(adler_));
    writer.put(std::string_view("/"));
    write(bytes);
  }
  void close() {
    std::string out;
    compressor_->finish(out);
    put(out);
    if (!error_) note(file_->sync());
    if (!error_) note(disk_.rename(temporary_, directory_ + "/" + name_));
    if (!error_) note(disk_.sync_directory(directory_));
    if (error_) discard();
    file_.reset();
  }
  void discard() {
    if (file_ == nullptr) return;
    file_.reset();
    static_cast<void>(disk_.remove(temporary_));
  }
  [[nodiscard]] const std::optional<env::DiskError>& error() const { return error_; }

 private:
  void open() {
    auto file = disk_.open(temporary_, env::OpenMode::create);
    if (!file) {
      error_ = file.error();
      return;
    }
    file_ = std::move(*file);
  }
  void put(std::string_view bytes) {
    if (error_ || file_ == nullptr || bytes.empty()) return;
    note(file_->write(offset_, bytes));
    offset_ += static_cast<std::int64_t>(bytes.size());
  }
  void note(const env::DiskResult<void>& result) {
    if (!result && !error_) error_ = result.error();
  }

  env::Disk& disk_;
  std::string directory_;
  std::string name_;
  std::string temporary_;
  std::unique_ptr<Compressor> compressor_;
  std::unique_ptr<env::File> file_;
  std::int64_t offset_ = 0;
  std::uint32_t adler_ = 1;  // Adler-32 of nothing
  std::optional<env::DiskError> error_;
};

SnapshotWriter::SnapshotWriter(env::Disk& disk, env::Worker& worker, const std::string& directory,
                               const Options& options, Zxid zxid)
    : worker_(worker), file_(std::make_shared<File>(disk, directory, options, zxid)) {
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
  wire::Writer writer(chunk_);
  writer.put(base::narrow32(timeouts_ms.size()));
  for (const auto& [id, timeout_ms] : timeouts_ms) {
    writer.put(id);
    writer.put(timeout_ms);
    push_when_full();
  }
}

void SnapshotWriter::acl_count(std::int32_t count) {
  wire::Writer(chunk_).put(count);
}

void SnapshotWriter::acl(std::int64_t id, const AclList& list) {
  wire::Writer writer(chunk_);
  writer.put(id);
  writer.put(list);
  push_when_full();
}

void SnapshotWriter::node(std::string_view path, base::NullableView data, std::int64_t acl_id,
                          const StatPersisted& stat) {
  wire::Writer writer(chunk_);
  writer.put(path);
  writer.put(data);
  writer.put(acl_id);
  writer.put(stat);
  push_when_full();
}

void SnapshotWriter::finish(std::optional<SnapshotDigest> digest, std::optional<Zxid> last_processed, Done done) {
  finished_ = true;
  wire::Writer(chunk_).put(std::string_view("/"));
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
  worker_.run([file = file_] { file->close(); },
              [file = file_, done = std::move(done)]() mutable {
                if (file->error()) return done(std::unexpected(*file->error()));
                done({});
              });
}

}  // namespace quoll::store
