#include "sim/tapped_disk.h"

#include <cerrno>

namespace quoll::sim {

namespace {

std::unexpected<env::DiskError> dead() {
  return std::unexpected(env::DiskError{EIO, "the process is dead"});
}

}  // namespace

bool TappedDisk::note(std::string_view call, const std::string& path, Kind kind, std::int64_t amount) {
  if (is_dead()) return false;
  if (kind == Kind::change && --changes_left_ <= 0) return false;
  scheduler_.note(call);
  scheduler_.note(path);
  scheduler_.note({reinterpret_cast<const char*>(&amount), sizeof amount});
  return true;
}

class TappedFile : public env::File {
 public:
  TappedFile(TappedDisk& disk, std::string path, std::unique_ptr<env::File> file)
      : disk_(disk), path_(std::move(path)), file_(std::move(file)) {}

  env::DiskResult<std::size_t> read(std::int64_t offset, std::span<char> out) override {
    if (!disk_.note("read", path_, TappedDisk::Kind::look, offset)) return dead();
    return file_->read(offset, out);
  }
  env::DiskResult<void> write(std::int64_t offset, std::string_view bytes) override {
    if (!disk_.note("write", path_, TappedDisk::Kind::change, offset)) return dead();
    disk_.scheduler_.note(bytes);
    return file_->write(offset, bytes);
  }
  env::DiskResult<void> sync() override {
    if (!disk_.note("sync", path_, TappedDisk::Kind::change)) return dead();
    return file_->sync();
  }
  env::DiskResult<void> resize(std::int64_t bytes) override {
    if (!disk_.note("resize", path_, TappedDisk::Kind::change, bytes)) return dead();
    if (disk_.on_cut && bytes < file_->size().value_or(0)) disk_.on_cut(path_);
    return file_->resize(bytes);
  }
  env::DiskResult<std::int64_t> size() override { return file_->size(); }

 private:
  TappedDisk& disk_;
  std::string path_;
  std::unique_ptr<env::File> file_;
};

env::DiskResult<std::unique_ptr<env::File>> TappedDisk::open(const std::string& path, env::OpenMode mode) {
  const bool makes = mode == env::OpenMode::create || mode == env::OpenMode::create_new;
  if (!note("open", path, makes ? Kind::change : Kind::look)) return dead();
  auto file = disk_.open(path, mode);
  if (!file) return std::unexpected(file.error());
  return std::make_unique<TappedFile>(*this, path, std::move(*file));
}
env::DiskResult<std::vector<env::DirectoryEntry>> TappedDisk::list(const std::string& directory) {
  if (!note("list", directory, Kind::look)) return dead();
  return disk_.list(directory);
}
env::DiskResult<std::optional<env::DirectoryEntry>> TappedDisk::stat(const std::string& path) {
  if (!note("stat", path, Kind::look)) return dead();
  return disk_.stat(path);
}
env::DiskResult<void> TappedDisk::make_directories(const std::string& directory) {
  if (!note("mkdir", directory, Kind::change)) return dead();
  return disk_.make_directories(directory);
}
env::DiskResult<void> TappedDisk::rename(const std::string& from, const std::string& to) {
  if (!note("rename", to, Kind::change)) return dead();
  if (on_cut) on_cut(to);
  return disk_.rename(from, to);
}
env::DiskResult<void> TappedDisk::remove(const std::string& path) {
  if (!note("remove", path, Kind::change)) return dead();
  if (on_remove) on_remove(path);
  return disk_.remove(path);
}
env::DiskResult<void> TappedDisk::sync_directory(const std::string& directory) {
  if (!note("syncdir", directory, Kind::change)) return dead();
  return disk_.sync_directory(directory);
}
env::DiskResult<env::DiskSpace> TappedDisk::free_space(const std::string& path) {
  if (!note("room", path, Kind::look)) return dead();
  return disk_.free_space(path);
}
env::DiskResult<std::unique_ptr<env::DirectoryLock>> TappedDisk::lock(const std::string& path) {
  if (!note("lock", path, Kind::change)) return dead();
  return disk_.lock(path);
}

}  // namespace quoll::sim
