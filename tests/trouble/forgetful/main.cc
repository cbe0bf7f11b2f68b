// A file system in memory that loses, in a power failure, what was not fsynced: forgetful MOUNTPOINT [--ext4].
//
// A file's bytes are durable after its fsync or fdatasync, a directory's entries after the directory's own fsync; with
// --ext4 any fsync makes all entries durable, as ext4's journal does. Commands are written to the file `.forgetful` in
// the root directory, one per write:
//   cut SEED          a power failure; SEED 0 loses everything unsynced, others keep random sectors and changes
//   fail_fsync N      the next N fsyncs of files fail with EIO and lose what was unsynced
//   fail_write N      the next N writes fail with EIO
//   stall_fsync MS    each fsync takes this long
//   space BYTES       the remaining free space; -1: no limit
//   readonly 0|1      refuses every change
// Reading the file returns counts of these events.

#define FUSE_USE_VERSION 31

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fuse3/fuse.h>
#include <mutex>
#include <sstream>
#include <string_view>
#include <thread>
#include <vector>

#include "tree.h"

namespace forgetful {
namespace {

constexpr const char* kControl = "/.forgetful";
constexpr std::size_t kBlock = 4096;
constexpr std::size_t kHuge = std::size_t{1} << 40;

struct Disk {
  std::mutex mutex;
  std::shared_ptr<Node> root = std::make_shared<Node>();
  bool ext4 = false;
  bool read_only = false;
  int failing_fsyncs = 0;
  int failing_writes = 0;
  std::size_t capacity = kHuge;
  std::atomic<int> stall_ms = 0;
  std::uint64_t fsyncs = 0, failed_fsyncs = 0, failed_writes = 0, full_writes = 0, cuts = 0;
};

Disk disk;
using Lock = std::scoped_lock<std::mutex>;
using NodePtr = std::shared_ptr<Node>;

timespec now() {
  timespec time{};
  clock_gettime(CLOCK_REALTIME, &time);
  return time;
}

NodePtr find(std::string_view path) {
  NodePtr at = disk.root;
  while (!path.empty() && at != nullptr) {
    path.remove_prefix(1);
    const std::string name(path.substr(0, path.find('/')));
    path.remove_prefix(name.size());
    if (name.empty()) break;
    const auto entry = at->entries.find(name);
    at = entry == at->entries.end() ? nullptr : entry->second;
  }
  return at;
}

std::pair<NodePtr, std::string> parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return {find(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

struct Handle {
  NodePtr node;  // null: the control file
};

Handle* handle_of(fuse_file_info* info) {
  return reinterpret_cast<Handle*>(info->fh);
}

int getattr(const char* path, struct stat* out, fuse_file_info* info) {
  const Lock lock(disk.mutex);
  std::memset(out, 0, sizeof *out);
  out->st_nlink = 1;
  if ((path != nullptr && path == std::string_view(kControl)) || (info != nullptr && !handle_of(info)->node)) {
    out->st_mode = S_IFREG | 0600;
    return 0;
  }
  const NodePtr node = info != nullptr ? handle_of(info)->node : find(path);
  if (node == nullptr) return -ENOENT;
  out->st_mode = node->is_directory ? S_IFDIR | 0755 : S_IFREG | 0644;
  out->st_size = static_cast<off_t>(node->seen.size());
  out->st_blocks = static_cast<blkcnt_t>((node->seen.size() + kSector - 1) / kSector);
  out->st_mtim = out->st_ctim = out->st_atim = node->changed;
  return 0;
}

int make(const char* path, bool is_directory, NodePtr* made = nullptr) {
  if (disk.read_only) return -EROFS;
  const auto [parent, name] = parent_of(path);
  if (parent == nullptr) return -ENOENT;
  if (parent->entries.contains(name)) return -EEXIST;
  if (bytes_below(*disk.root) >= disk.capacity) return -ENOSPC;
  auto node = std::make_shared<Node>();
  node->is_directory = is_directory;
  node->changed = now();
  parent->change({{name, node}});
  if (made != nullptr) *made = node;
  return 0;
}

int make_directory(const char* path, mode_t) {
  const Lock lock(disk.mutex);
  return make(path, true);
}

int create(const char* path, mode_t, fuse_file_info* info) {
  const Lock lock(disk.mutex);
  NodePtr node;
  if (const int error = make(path, false, &node)) return error;
  info->fh = reinterpret_cast<std::uint64_t>(new Handle{node});
  return 0;
}

int open(const char* path, fuse_file_info* info) {
  const Lock lock(disk.mutex);
  if (path == std::string_view(kControl)) {
    info->fh = reinterpret_cast<std::uint64_t>(new Handle{});
    return 0;
  }
  const NodePtr node = find(path);
  if (node == nullptr) return -ENOENT;
  if (disk.read_only && (info->flags & O_ACCMODE) != O_RDONLY) return -EROFS;
  if ((info->flags & O_TRUNC) != 0) node->resize(0);
  info->fh = reinterpret_cast<std::uint64_t>(new Handle{node});
  return 0;
}

int open_directory(const char* path, fuse_file_info* info) {
  const Lock lock(disk.mutex);
  const NodePtr node = find(path);
  if (node == nullptr) return -ENOENT;
  info->fh = reinterpret_cast<std::uint64_t>(new Handle{node});
  return 0;
}

int release(const char*, fuse_file_info* info) {
  const Lock lock(disk.mutex);
  delete handle_of(info);
  return 0;
}

int remove(const char* path, bool is_directory) {
  const Lock lock(disk.mutex);
  const auto [parent, name] = parent_of(path);
  const NodePtr node = find(path);
  if (node == nullptr) return -ENOENT;
  if (disk.read_only) return -EROFS;
  if (is_directory && !node->entries.empty()) return -ENOTEMPTY;
  parent->change({{name, nullptr}});
  return 0;
}

int unlink(const char* path) {
  return remove(path, false);
}

int remove_directory(const char* path) {
  return remove(path, true);
}

int rename(const char* from, const char* to, unsigned flags) {
  const Lock lock(disk.mutex);
  if (flags != 0) return -EINVAL;
  const auto [old_parent, old_name] = parent_of(from);
  const auto [new_parent, new_name] = parent_of(to);
  const NodePtr node = find(from);
  if (node == nullptr || new_parent == nullptr) return -ENOENT;
  if (disk.read_only) return -EROFS;
  if (old_parent == new_parent) {
    old_parent->change({{old_name, nullptr}, {new_name, node}});
  } else {
    new_parent->change({{new_name, node}});
    old_parent->change({{old_name, nullptr}});
  }
  return 0;
}

int resize(const char* path, off_t bytes, fuse_file_info* info) {
  const Lock lock(disk.mutex);
  const NodePtr node = info != nullptr ? handle_of(info)->node : find(path);
  if (node == nullptr) return path != nullptr && path == std::string_view(kControl) ? 0 : -ENOENT;
  if (disk.read_only) return -EROFS;
  const auto size = static_cast<std::size_t>(bytes);
  if (size > node->seen.size() && bytes_below(*disk.root) + size - node->seen.size() > disk.capacity) return -ENOSPC;
  node->resize(size);
  node->changed = now();
  return 0;
}

std::string counts() {
  std::ostringstream text;
  text << "fsyncs " << disk.fsyncs << "\nfailed_fsyncs " << disk.failed_fsyncs << "\nfailed_writes "
       << disk.failed_writes << "\nfull_writes " << disk.full_writes << "\ncuts " << disk.cuts << "\n";
  return text.str();
}

int read(const char*, char* out, std::size_t count, off_t offset, fuse_file_info* info) {
  const Lock lock(disk.mutex);
  const Handle& handle = *handle_of(info);
  const std::string text = handle.node == nullptr ? counts() : std::string();
  const std::string& bytes = handle.node == nullptr ? text : handle.node->seen;
  const auto from = static_cast<std::size_t>(offset);
  if (from >= bytes.size()) return 0;
  count = std::min(count, bytes.size() - from);
  std::memcpy(out, bytes.data() + from, count);
  return static_cast<int>(count);
}

bool execute(const std::string& command) {
  std::istringstream words(command);
  std::string verb;
  long long number = 0;
  if (!(words >> verb >> number)) return false;
  if (verb == "cut") {
    std::mt19937_64 chance(static_cast<std::uint64_t>(number));
    disk.root->cut(number == 0 ? nullptr : &chance);
    ++disk.cuts;
  } else if (verb == "fail_fsync") {
    disk.failing_fsyncs = static_cast<int>(number);
  } else if (verb == "fail_write") {
    disk.failing_writes = static_cast<int>(number);
  } else if (verb == "stall_fsync") {
    disk.stall_ms = static_cast<int>(number);
  } else if (verb == "space") {
    disk.capacity = number < 0 ? kHuge : bytes_below(*disk.root) + static_cast<std::size_t>(number);
  } else if (verb == "readonly") {
    disk.read_only = number != 0;
  } else {
    return false;
  }
  return true;
}

int write(const char*, const char* bytes, std::size_t count, off_t offset, fuse_file_info* info) {
  const Lock lock(disk.mutex);
  const Handle& handle = *handle_of(info);
  if (handle.node == nullptr) return execute(std::string(bytes, count)) ? static_cast<int>(count) : -EINVAL;
  if (disk.read_only) return -EROFS;
  if (disk.failing_writes > 0) {
    --disk.failing_writes;
    ++disk.failed_writes;
    return -EIO;
  }
  Node& node = *handle.node;
  const std::size_t end = static_cast<std::size_t>(offset) + count;
  if (end > node.seen.size() && disk.capacity != kHuge &&
      bytes_below(*disk.root) + end - node.seen.size() > disk.capacity) {
    ++disk.full_writes;
    return -ENOSPC;
  }
  node.write(static_cast<std::size_t>(offset), bytes, count);
  node.changed = now();
  return static_cast<int>(count);
}

// In small steps, so that a new, shorter time takes effect at once.
void stall() {
  const auto began = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - began < std::chrono::milliseconds(disk.stall_ms))
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

int sync(const char*, int, fuse_file_info* info) {
  stall();
  const Lock lock(disk.mutex);
  Node* const node = handle_of(info)->node.get();
  if (node == nullptr) return 0;
  ++disk.fsyncs;
  if (!node->is_directory && disk.failing_fsyncs > 0) {
    --disk.failing_fsyncs;
    ++disk.failed_fsyncs;
    node->lose_unsynced();
    return -EIO;
  }
  node->sync();
  if (disk.ext4) sync_directories_below(*disk.root);
  return 0;
}

int list(const char*, void* buffer, fuse_fill_dir_t fill, off_t, fuse_file_info* info, fuse_readdir_flags) {
  const Lock lock(disk.mutex);
  fill(buffer, ".", nullptr, 0, fuse_fill_dir_flags{});
  fill(buffer, "..", nullptr, 0, fuse_fill_dir_flags{});
  for (const auto& [name, node] : handle_of(info)->node->entries)
    fill(buffer, name.c_str(), nullptr, 0, fuse_fill_dir_flags{});
  return 0;
}

int space(const char*, struct statvfs* out) {
  const Lock lock(disk.mutex);
  std::memset(out, 0, sizeof *out);
  const std::size_t used = bytes_below(*disk.root);
  out->f_bsize = out->f_frsize = kBlock;
  out->f_blocks = disk.capacity / kBlock;
  out->f_bfree = out->f_bavail = used >= disk.capacity ? 0 : (disk.capacity - used) / kBlock;
  out->f_namemax = 255;
  return 0;
}

int set_times(const char*, const timespec*, fuse_file_info*) {
  return 0;
}

int set_mode(const char*, mode_t, fuse_file_info*) {
  return 0;
}

void* begin(fuse_conn_info*, fuse_config* config) {
  // Disables the kernel's caches: after a power failure they would show lost data.
  config->direct_io = 1;
  config->hard_remove = 1;
  config->attr_timeout = config->entry_timeout = config->negative_timeout = 0;
  return nullptr;
}

fuse_operations operations() {
  fuse_operations all{};
  all.init = begin;
  all.getattr = getattr;
  all.mkdir = make_directory;
  all.create = create;
  all.open = open;
  all.opendir = open_directory;
  all.release = release;
  all.releasedir = release;
  all.unlink = unlink;
  all.rmdir = remove_directory;
  all.rename = rename;
  all.truncate = resize;
  all.read = read;
  all.write = write;
  all.fsync = sync;
  all.fsyncdir = sync;
  all.readdir = list;
  all.statfs = space;
  all.utimens = set_times;
  all.chmod = set_mode;
  return all;
}

}  // namespace
}  // namespace forgetful

int main(int argc, char** argv) {
  using forgetful::disk;
  if (argc < 2) {
    std::fputs("forgetful MOUNTPOINT [--ext4]\n", stderr);
    return 2;
  }
  disk.ext4 = argc > 2 && std::string_view(argv[2]) == "--ext4";
  disk.root->is_directory = true;
  disk.root->changed = forgetful::now();
  std::string name = "forgetful";
  std::string foreground = "-f";
  std::vector<char*> args{name.data(), argv[1], foreground.data()};
  const fuse_operations operations = forgetful::operations();
  return fuse_main(static_cast<int>(args.size()), args.data(), &operations, nullptr);
}
