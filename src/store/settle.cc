#include "store/settle.h"

#include <algorithm>

namespace quoll::store {

namespace {

// After an fsync that failed, Linux calls the pages clean though the disk never got them: another fsync writes nothing.
// Written anew they are dirty again.
env::DiskResult<void> write_again(env::File& file, std::int64_t from, std::int64_t to) {
  constexpr std::int64_t kChunkBytes = std::int64_t{1} << 20;
  std::string chunk;
  for (std::int64_t at = from; at < to; at += kChunkBytes) {
    chunk.resize(static_cast<std::size_t>(std::min(kChunkBytes, to - at)));
    const auto got = file.read(at, chunk);
    if (!got) return std::unexpected(got.error());
    if (auto done = file.write(at, std::string_view(chunk).substr(0, *got)); !done) return done;
  }
  return {};
}

env::DiskResult<void> settle_newest(const DataDirs& dirs, const LogReader::End& end,
                                    const std::optional<DurableMark>& mark) {
  auto file = dirs.disk().open(end.file.path, env::OpenMode::update);
  if (!file) return std::unexpected(file.error());
  const bool is_ours = mark && mark->log == end.file.zxid;
  if (auto done = write_again(**file, is_ours ? mark->offset : end.offset, end.offset); !done) return done;
  return (*file)->sync();
}

// From now on this history counts, and damage to it is no torn tail any more.
env::DiskResult<void> write_mark(const DataDirs& dirs, const DurableMark& mark) {
  auto marks = DurableMarkFile::open(dirs.disk(), dirs.log_dir());
  if (!marks) return std::unexpected(marks.error());
  if (auto done = marks->write(mark); !done) return done;
  return marks->sync();
}

}  // namespace

env::DiskResult<void> settle(const DataDirs& dirs, const std::optional<LogReader::End>& end,
                             const std::optional<DurableMark>& mark) {
  if (end) {
    if (auto done = settle_newest(dirs, *end, mark); !done) return done;
  }
  for (const std::string& directory : {dirs.snapshot_dir(), dirs.log_dir()}) {
    if (auto done = dirs.disk().sync_directory(directory); !done) return done;
  }
  if (!end) return {};
  const DurableMark now{end->file.zxid, end->offset, end->last};
  return mark == now ? env::DiskResult<void>() : write_mark(dirs, now);
}

}  // namespace quoll::store
