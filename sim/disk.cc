#include "sim/disk.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>

#include "sim/memory_file.h"

namespace quoll::sim {

namespace {

using env::DiskError;
using env::DiskResult;

std::unexpected<DiskError> failed(int code, std::string_view call, const std::string& path) {
  return std::unexpected(DiskError{code, fmt::format("cannot {} {}: {}", call, path, std::strerror(code))});
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

bool is_root(const std::string& path) {
  return path == "/" || path == "." || path.empty();
}

std::string_view name_of(MemoryDisk::Call call) {
  constexpr std::string_view kNames[] = {"open",   "read",   "write",  "fdatasync",
                                         "resize", "rename", "remove", "fsync directory",
                                         "list",   "stat",   "lock",   "make directory"};
  return kNames[static_cast<std::size_t>(call)];
}

// `inode` is null for a directory.
env::DirectoryEntry entry_of(const std::string& path, const Inode* inode) {
  std::string name = path.substr(path.rfind('/') + 1);
  if (inode == nullptr) return {std::move(name), 0, true, 0};
  return {std::move(name), inode->size(), false, inode->modified_ms};
}

bool changes_something(MemoryDisk::Call call) {
  using enum MemoryDisk::Call;
  return call != read && call != list && call != stat;
}

}  // namespace

class MemoryFile : public env::File {
 public:
  MemoryFile(MemoryDisk& disk, std::string path, std::shared_ptr<Inode> inode, env::OpenMode mode)
      : disk_(disk), path_(std::move(path)), inode_(std::move(inode)), mode_(mode), generation_(disk.generation_) {}

  DiskResult<std::size_t> read(std::int64_t offset, std::span<char> out) override {
    if (auto good = admit(MemoryDisk::Call::read); !good) return std::unexpected(good.error());
    return inode_->read(offset, out);
  }
  DiskResult<void> write(std::int64_t offset, std::string_view bytes) override {
    if (mode_ == env::OpenMode::read) return failed(EBADF, "write", path_);
    auto good = admit(MemoryDisk::Call::write);
    const std::int64_t more = good && disk_.capacity_ != INT64_MAX ? inode_->bytes_to_add(offset, bytes.size()) : 0;
    if (more > 0 && disk_.used() + more > disk_.capacity_) {
      inode_->write(offset, bytes.substr(0, inode_->fits_without_more(offset)));
      return failed(ENOSPC, "write", path_);
    }
    if (generation_ != disk_.generation_) return good;
    const auto [inode, at] = good ? disk_.place_of(path_, inode_, offset) : std::pair(inode_, offset);
    inode->write(at, good ? bytes : bytes.substr(0, bytes.size() / 2));
    if (disk_.wall_ms) inode->modified_ms = disk_.wall_ms();
    return good;
  }
  DiskResult<void> sync() override {
    auto good = admit(MemoryDisk::Call::sync);
    if (good) {
      inode_->sync();
    } else if (!disk_.is_off()) {
      inode_->forget_dirty();
    }
    return good;
  }
  DiskResult<void> resize(std::int64_t bytes) override {
    if (mode_ == env::OpenMode::read) return failed(EBADF, "resize", path_);
    auto good = admit(MemoryDisk::Call::resize);
    if (good) inode_->resize(bytes);
    return good;
  }
  DiskResult<std::int64_t> size() override { return inode_->size(); }

 private:
  DiskResult<void> admit(MemoryDisk::Call call) {
    if (generation_ != disk_.generation_) return failed(EIO, name_of(call), path_);
    return disk_.admit(call, path_);
  }

  MemoryDisk& disk_;
  std::string path_;
  std::shared_ptr<Inode> inode_;
  env::OpenMode mode_;
  std::int64_t generation_;
};

class MemoryLock : public env::DirectoryLock {
 public:
  MemoryLock(MemoryDisk& disk, std::string path) : disk_(disk), path_(std::move(path)), generation_(disk.generation_) {}
  ~MemoryLock() override {
    if (generation_ == disk_.generation_) disk_.locked_.erase(path_);
  }

 private:
  MemoryDisk& disk_;
  std::string path_;
  std::int64_t generation_;
};

MemoryDisk::MemoryDisk() = default;
MemoryDisk::~MemoryDisk() = default;

DiskResult<void> MemoryDisk::admit(Call call, const std::string& path) {
  if (is_off()) return failed(EIO, name_of(call), path);
  if (changes_something(call)) {
    ++changes_;
    if (--calls_left_ < 0) return failed(EIO, name_of(call), path);
    if (changes_ == failing_call_) return failed(failing_code_, name_of(call), path);
  }
  for (Fault& fault : faults_) {
    if (fault.call != call || path.find(fault.path_part) == std::string::npos) continue;
    if (fault.skip-- > 0) continue;
    if (fault.times-- > 0) return failed(fault.code, name_of(call), path);
  }
  return {};
}

std::pair<std::shared_ptr<Inode>, std::int64_t> MemoryDisk::place_of(const std::string& path,
                                                                     const std::shared_ptr<Inode>& inode,
                                                                     std::int64_t offset) {
  constexpr std::int64_t kPageBytes = 4096;
  if (writes_to_astray_ < 0 || writes_to_astray_-- > 0) return {inode, offset};
  if (astray_ == Astray::further_on) return {inode, offset + kPageBytes};
  std::vector<std::shared_ptr<Inode>> others;
  for (const auto& [name, other] : names_) {
    if (other != nullptr && other != inode && parent_of(name) == parent_of(path)) others.push_back(other);
  }
  if (others.empty()) return {inode, offset + kPageBytes};
  return {others[astray_chance_ % others.size()], offset};
}

void MemoryDisk::apply(const Change& change, Names& names) {
  if (change.kind != Change::add) names.erase(change.path);
  if (change.kind != Change::drop) names[change.kind == Change::move ? change.to : change.path] = change.inode;
}

void MemoryDisk::change(Change change) {
  apply(change, names_);
  unsynced_.push_back(std::move(change));
}

DiskResult<std::unique_ptr<env::File>> MemoryDisk::open(const std::string& path, env::OpenMode mode) {
  if (auto good = admit(Call::open, path); !good) return std::unexpected(good.error());
  const auto there = names_.find(path);
  const bool empties = mode == env::OpenMode::create || mode == env::OpenMode::create_private;
  const bool makes = empties || mode == env::OpenMode::create_new;
  if (there != names_.end()) {
    if (there->second == nullptr) return failed(EISDIR, "open", path);
    if (mode == env::OpenMode::create_new) return failed(EEXIST, "open", path);
    if (empties) there->second->resize(0);
    return std::make_unique<MemoryFile>(*this, path, there->second, mode);
  }
  const std::string parent = parent_of(path);
  if (!makes || (!is_root(parent) && !names_.contains(parent))) return failed(ENOENT, "open", path);
  auto inode = std::make_shared<Inode>();
  change(Change{Change::add, path, {}, inode});
  return std::make_unique<MemoryFile>(*this, path, std::move(inode), mode);
}

DiskResult<std::vector<env::DirectoryEntry>> MemoryDisk::list(const std::string& directory) {
  if (auto good = admit(Call::list, directory); !good) return std::unexpected(good.error());
  if (!is_root(directory) && !names_.contains(directory)) return failed(ENOENT, "list", directory);
  std::vector<env::DirectoryEntry> entries;
  for (const auto& [path, inode] : names_) {
    if (parent_of(path) != directory) continue;
    entries.push_back(entry_of(path, inode.get()));
  }
  return entries;
}

DiskResult<std::optional<env::DirectoryEntry>> MemoryDisk::stat(const std::string& path) {
  if (auto good = admit(Call::stat, path); !good) return std::unexpected(good.error());
  if (is_root(path)) return env::DirectoryEntry{path, 0, true, 0};
  const auto there = names_.find(path);
  if (there == names_.end()) return std::nullopt;
  return entry_of(path, there->second.get());
}

DiskResult<void> MemoryDisk::make_directories(const std::string& directory) {
  if (auto good = admit(Call::make_directories, directory); !good) return good;
  for (std::size_t at = 1; at != std::string::npos;) {
    at = directory.find('/', at);
    const std::string part = directory.substr(0, at);
    if (at != std::string::npos) ++at;
    const auto there = names_.find(part);
    if (there != names_.end() && there->second != nullptr) return failed(ENOTDIR, "make directory", directory);
    if (there == names_.end() && !is_root(part)) change(Change{Change::add, part, {}, nullptr});
  }
  return {};
}

DiskResult<void> MemoryDisk::rename(const std::string& from, const std::string& to) {
  if (auto good = admit(Call::rename, from); !good) return good;
  const auto there = names_.find(from);
  if (there == names_.end()) return failed(ENOENT, "rename", from);
  change(Change{Change::move, from, to, there->second});
  return {};
}

DiskResult<void> MemoryDisk::remove(const std::string& path) {
  if (auto good = admit(Call::remove, path); !good) return good;
  if (!names_.contains(path)) return failed(ENOENT, "remove", path);
  change(Change{Change::drop, path, {}, nullptr});
  return {};
}

DiskResult<void> MemoryDisk::sync_directory(const std::string& directory) {
  if (auto good = admit(Call::sync_directory, directory); !good) return good;
  if (!is_root(directory) && !names_.contains(directory)) return failed(ENOENT, "fsync directory", directory);
  std::erase_if(unsynced_, [&](const Change& change) {
    if (parent_of(change.path) != directory) return false;
    apply(change, durable_names_);
    return true;
  });
  return {};
}

std::int64_t MemoryDisk::used() const {
  std::int64_t bytes = 0;
  for (const auto& [path, inode] : names_) {
    if (inode != nullptr) bytes += inode->bytes_held();
  }
  return bytes;
}

DiskResult<env::DiskSpace> MemoryDisk::free_space(const std::string& path) {
  if (is_off()) return failed(EIO, "get the free space of", path);
  if (capacity_ == INT64_MAX) return env::DiskSpace{INT64_MAX, INT64_MAX};
  return env::DiskSpace{std::max<std::int64_t>(0, capacity_ - used()), capacity_};
}

DiskResult<std::unique_ptr<env::DirectoryLock>> MemoryDisk::lock(const std::string& path) {
  if (auto good = admit(Call::lock, path); !good) return std::unexpected(good.error());
  if (!is_root(parent_of(path)) && !names_.contains(parent_of(path))) return failed(ENOENT, "lock", path);
  if (!locked_.insert(path).second) return failed(EWOULDBLOCK, "lock", path);
  if (!names_.contains(path)) change(Change{Change::add, path, {}, std::make_shared<Inode>()});
  return std::make_unique<MemoryLock>(*this, path);
}

void MemoryDisk::restart(Names names) {
  // The files in a lost directory are lost, too.
  std::erase_if(names, [&](const auto& entry) {
    for (std::string up = parent_of(entry.first); !is_root(up); up = parent_of(up)) {
      if (!names.contains(up)) return true;
    }
    return false;
  });
  names_ = durable_names_ = std::move(names);
  unsynced_.clear();
  locked_.clear();
  calls_left_ = INT64_MAX;
  ++generation_;
}

void MemoryDisk::wipe() {
  restart({});
}

void MemoryDisk::cut() {
  for (const auto& [path, inode] : durable_names_) {
    if (inode != nullptr) inode->cut();
  }
  restart(std::move(durable_names_));
}

void MemoryDisk::cut(base::Prng& chance) {
  Names names = std::move(durable_names_);
  for (const Change& change : unsynced_) {
    if (chance.below(2) == 0) apply(change, names);
  }
  for (const auto& [path, inode] : names) {
    if (inode != nullptr) inode->cut(chance);
  }
  restart(std::move(names));
}

std::string MemoryDisk::content(const std::string& path) const {
  const auto there = names_.find(path);
  if (there == names_.end() || there->second == nullptr) return {};
  std::string bytes(static_cast<std::size_t>(there->second->size()), '\0');
  there->second->read(0, bytes);
  return bytes;
}

std::string MemoryDisk::durable_content(const std::string& path, std::int64_t offset) const {
  const auto there = durable_names_.find(path);
  return there == durable_names_.end() || there->second == nullptr ? std::string()
                                                                   : there->second->durable_from(offset);
}

std::vector<std::string> MemoryDisk::durable_names(const std::string& directory) const {
  std::vector<std::string> names;
  for (const auto& [path, inode] : durable_names_) {
    if (inode != nullptr && parent_of(path) == directory) names.push_back(path.substr(path.rfind('/') + 1));
  }
  return names;
}

void MemoryDisk::put(const std::string& path, std::string_view bytes) {
  auto inode = std::make_shared<Inode>();
  inode->write(0, bytes);
  inode->sync();
  if (wall_ms) inode->modified_ms = wall_ms();
  for (Names* names : {&names_, &durable_names_}) {
    for (std::string up = parent_of(path); !is_root(up); up = parent_of(up)) names->emplace(up, nullptr);
    (*names)[path] = inode;
  }
}

}  // namespace quoll::sim
