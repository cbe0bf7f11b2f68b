#include "store/persist_history.h"

#include <algorithm>

namespace quoll::store {

namespace {

// After a failed fsync Linux treats the pages as clean although the disk never got them, so another fsync writes
// nothing. Writing them again makes them dirty.
env::DiskResult<void> write_again(env::File& file, std::int64_t from, std::int64_t to) {
  constexpr std::int64_t kCopyBytes = std::int64_t{1} << 20;
  std::string chunk;
  for (std::int64_t at = from; at < to; at += kCopyBytes) {
    chunk.resize(static_cast<std::size_t>(std::min(kCopyBytes, to - at)));
    const auto got = file.read(at, chunk);
    if (!got) return std::unexpected(got.error());
    if (auto done = file.write(at, std::string_view(chunk).substr(0, *got)); !done) return done;
  }
  return {};
}

// A file that the mark does not cover may have been left by another program in any state.
env::DiskResult<void> persist_newest(const DataDirs& dirs, const LogCursor::End& end, const KnownMark& mark) {
  auto file = dirs.disk().open(end.file.path, env::OpenMode::update);
  if (!file) return std::unexpected(file.error());
  const bool is_ours = mark.kind == KnownMark::good && mark.mark.log == end.file.zxid;
  if (auto done = write_again(**file, is_ours ? mark.mark.offset : 0, end.offset); !done) return done;
  return (*file)->sync();
}

env::DiskResult<void> sync_file(const DataDirs& dirs, const std::string& path) {
  const auto file = dirs.disk().open(path, env::OpenMode::read);
  return file ? (*file)->sync() : std::unexpected(file.error());
}

// Our server makes each file durable before it begins the next. Another server, or one with forceSync=no, may not.
env::DiskResult<void> persist_older(const DataDirs& dirs, const LogCursor& history, const KnownMark& mark) {
  for (const StoreFile& file : history.files()) {
    const bool is_known = mark.kind == KnownMark::good && file.zxid < mark.mark.log;
    if (is_known || file.zxid == history.end()->file.zxid) continue;
    if (auto done = sync_file(dirs, file.path); !done) return done;
  }
  return {};
}

// From now on this history counts as acknowledged, and damage to it is not a torn tail.
env::DiskResult<void> write_mark(const DataDirs& dirs, const DurableMark& mark) {
  auto marks = DurableMarkFile::open(dirs.disk(), dirs.log_dir());
  if (!marks) return std::unexpected(marks.error());
  if (auto done = marks->write(mark); !done) return done;
  return marks->sync();
}

}  // namespace

env::DiskResult<void> persist_history(const DataDirs& dirs, const LogCursor& history,
                                      const std::optional<StoreFile>& snapshot, const KnownMark& mark) {
  const auto& end = history.end();
  if (snapshot) {
    if (auto done = sync_file(dirs, snapshot->path); !done) return done;
  }
  if (end) {
    if (auto done = persist_older(dirs, history, mark); !done) return done;
    if (auto done = persist_newest(dirs, *end, mark); !done) return done;
  }
  for (const std::string& directory : {dirs.snapshot_dir(), dirs.log_dir()}) {
    if (auto done = dirs.disk().sync_directory(directory); !done) return done;
  }
  if (!end) return {};
  return write_mark(dirs, DurableMark{end->file.zxid, end->offset, end->last});
}

}  // namespace quoll::store
