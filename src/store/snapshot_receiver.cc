#include "store/snapshot_receiver.h"

#include <fmt/format.h>

#include "base/check.h"
#include "store/file_names.h"
#include "store/snapshot_format.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {

constexpr std::size_t kReceivedChunkBytes = std::size_t{256} << 10;

// A snapshot of the same zxid may be under way.
std::string received_prefix() {
  return fmt::format("{}received.", kTemporaryPrefix);
}

}  // namespace

SnapshotReceiver::SnapshotReceiver(const DataDirs& dirs, env::Worker& worker, const Options& options, Zxid at,
                                   SnapshotVisitor& visitor, SnapshotParser::End end)
    : worker_(worker),
      at_(at),
      file_(std::make_shared<SnapshotFile>(dirs.disk(), dirs.snapshot_dir(), received_prefix(), options, at)),
      parser_(visitor, end) {
  wire::Writer writer(chunk_);
  writer.put(kSnapshotMagic);
  writer.put(kSnapshotVersion);
  writer.put(kSnapshotDbId);
}

SnapshotReceiver::~SnapshotReceiver() {
  if (!finished_) worker_.run([file = file_] { file->discard(); }, [] {});
}

std::expected<std::size_t, std::string> SnapshotReceiver::take(std::string_view bytes) {
  if (!disk_error_->empty()) return std::unexpected(*disk_error_);
  auto taken = parser_.take(bytes, chunk_);
  if (chunk_.size() >= kReceivedChunkBytes) push();
  return taken;
}

void SnapshotReceiver::push() {
  struct Job {
    std::string chunk;
    std::string error;
  };
  auto job = std::make_shared<Job>(Job{std::exchange(chunk_, {}), {}});
  *pending_ += job->chunk.size();
  worker_.run(
      [file = file_, job] {
        file->write(job->chunk);
        if (file->error()) job->error = file->error()->text;
      },
      [job, pending = pending_, error = disk_error_] {
        *pending -= job->chunk.size();
        if (error->empty()) *error = job->error;
      });
}

void SnapshotReceiver::finish(Done done) {
  QUOLL_CHECK(is_complete() && !finished_, "a snapshot that came whole is finished once");
  finished_ = true;
  push();
  worker_.run(
      [file = file_] {
        file->seal();
        file->close();
      },
      [file = file_, at = at_, done = std::move(done)]() mutable {
        if (file->error()) return done(std::unexpected(*file->error()));
        done(ReceivedSnapshot{at, file->temporary_name(), file->name()});
      });
}

}  // namespace quoll::store
