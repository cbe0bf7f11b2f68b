#include "store/snapshot_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include "store/file_names.h"
#include "wire/jute.h"

namespace quoll::store {

SnapshotFile::SnapshotFile(env::Disk& disk, std::string directory, std::string_view temporary_prefix,
                           const Options& options, Zxid zxid)
    : disk_(disk),
      directory_(std::move(directory)),
      name_(snapshot_name(zxid, suffix_of(options.compression))),
      temporary_name_(fmt::format("{}{}", temporary_prefix, name_)),
      compressor_(make_compressor(options.compression)) {}

void SnapshotFile::write(std::string_view bytes) {
  if (error_) return;
  if (file_ == nullptr) open();
  adler_ = static_cast<std::uint32_t>(adler32_z(adler_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  std::string out;
  compressor_->write(bytes, out);
  put(out);
}

void SnapshotFile::seal() {
  std::string bytes;
  wire::Writer writer(bytes);
  writer.put(static_cast<std::int64_t>(adler_));
  writer.put(std::string_view("/"));
  write(bytes);
}

void SnapshotFile::close() {
  std::string out;
  compressor_->finish(out);
  put(out);
  if (!error_) note(file_->sync());
  file_.reset();
  if (error_) discard();
}

void SnapshotFile::publish() {
  if (!error_) note(disk_.rename(path_of(temporary_name_), path_of(name_)));
  if (!error_) note(disk_.sync_directory(directory_));
  if (error_) return discard();
  is_there_ = false;
}

void SnapshotFile::discard() {
  file_.reset();
  if (std::exchange(is_there_, false)) static_cast<void>(disk_.remove(path_of(temporary_name_)));
}

void SnapshotFile::open() {
  auto file = disk_.open(path_of(temporary_name_), env::OpenMode::create);
  if (!file) {
    error_ = file.error();
    return;
  }
  file_ = std::move(*file);
  is_there_ = true;
}

void SnapshotFile::put(std::string_view bytes) {
  if (error_ || file_ == nullptr || bytes.empty()) return;
  note(file_->write(offset_, bytes));
  offset_ += static_cast<std::int64_t>(bytes.size());
}

void SnapshotFile::note(const env::DiskResult<void>& result) {
  if (!result && !error_) error_ = result.error();
}

}  // namespace quoll::store
