// Shared by this room's tests: the key stores of testdata/ on an in-memory disk, and two engines connected to each
// other.
#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "env/disk.h"
#include "tls/engine.h"

namespace quoll::tls::testing {

inline std::string test_file(const std::string& name) {
  std::ifstream in(std::filesystem::path(QUOLL_SOURCE_DIR) / "src/tls/testdata" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class MemoryFile : public env::File {
 public:
  explicit MemoryFile(std::string bytes) : bytes_(std::move(bytes)) {}
  env::DiskResult<std::size_t> read(std::int64_t offset, std::span<char> out) override {
    const std::string_view rest =
        std::string_view(bytes_).substr(static_cast<std::size_t>(offset)).substr(0, out.size());
    std::memcpy(out.data(), rest.data(), rest.size());
    return rest.size();
  }
  env::DiskResult<void> write(std::int64_t, std::string_view) override { return refused(); }
  env::DiskResult<void> sync() override { return refused(); }
  env::DiskResult<void> resize(std::int64_t) override { return refused(); }
  env::DiskResult<std::int64_t> size() override { return static_cast<std::int64_t>(bytes_.size()); }

 private:
  static std::unexpected<env::DiskError> refused() { return std::unexpected(env::DiskError{EROFS, "read only"}); }
  std::string bytes_;
};

// Serves the files that a test put there, and those of testdata/ by name.
class MemoryDisk : public env::Disk {
 public:
  void put(const std::string& path, std::string bytes) { files_[path] = {std::move(bytes), ++now_ms_}; }
  void drop(const std::string& path) { files_[path] = {}; }

  env::DiskResult<std::unique_ptr<env::File>> open(const std::string& path, env::OpenMode) override {
    load(path);
    if (files_[path].modified_ms == 0) return std::unexpected(env::DiskError{ENOENT, "no such file"});
    return std::make_unique<MemoryFile>(files_[path].bytes);
  }
  env::DiskResult<std::optional<env::DirectoryEntry>> stat(const std::string& path) override {
    load(path);
    const Entry& entry = files_[path];
    if (entry.modified_ms == 0) return std::optional<env::DirectoryEntry>();
    return env::DirectoryEntry{path, static_cast<std::int64_t>(entry.bytes.size()), false, entry.modified_ms};
  }
  env::DiskResult<std::vector<env::DirectoryEntry>> list(const std::string&) override { return refused(); }
  env::DiskResult<void> make_directories(const std::string&) override { return refused(); }
  env::DiskResult<void> rename(const std::string&, const std::string&) override { return refused(); }
  env::DiskResult<void> remove(const std::string&) override { return refused(); }
  env::DiskResult<void> sync_directory(const std::string&) override { return refused(); }
  env::DiskResult<env::DiskSpace> free_space(const std::string&) override { return refused(); }
  env::DiskResult<std::unique_ptr<env::DirectoryLock>> lock(const std::string&) override { return refused(); }

 private:
  struct Entry {
    std::string bytes;
    std::int64_t modified_ms = 0;  // 0: not there
  };
  static std::unexpected<env::DiskError> refused() { return std::unexpected(env::DiskError{EROFS, "read only"}); }
  void load(const std::string& path) {
    if (files_.contains(path)) return;
    std::string bytes = test_file(path);
    files_[path] = bytes.empty() ? Entry{} : Entry{std::move(bytes), 1};
  }
  std::map<std::string, Entry> files_;
  std::int64_t now_ms_ = 1;
};

inline StoreFile store(std::string path, StoreType type = StoreType::by_suffix) {
  return {.path = std::move(path), .type = type, .password = "testpass", .password_path = {}};
}

inline Options server_options(std::string key_store = "server.pem") {
  Options options;
  options.key_store = store(std::move(key_store));
  if (options.key_store.path == "server.pem") options.key_store.password.clear();
  options.trust_store = store("ca.pem");
  return options;
}

// A client that presents the certificate in `key_store`; none if empty.
inline Options client_options(std::string key_store = {}) {
  Options options;
  options.key_store.path = std::move(key_store);
  options.trust_store = store("ca.pem");
  return options;
}

struct Pair {
  Pair(const Options& server_side, const Options& client_side, std::string_view server_name = "localhost",
       std::string_view client_address = "127.0.0.1")
      : server_context(Context::create(disk, server_side, Role::server).value()),
        client_context(Context::create(disk, client_side, Role::client).value()),
        server(*server_context, client_address),
        client(*client_context, server_name) {}

  // Transfers bytes in both directions, at most `slice_bytes` at a time, until neither side has bytes to send.
  void run(std::size_t slice_bytes = std::string::npos) {
    client.start();
    while (!client.to_send().empty() || !server.to_send().empty()) {
      carry(client, server, slice_bytes);
      carry(server, client, slice_bytes);
    }
  }
  static void carry(Engine& from, Engine& to, std::size_t slice_bytes) {
    const std::string bytes = std::exchange(from.to_send(), {});
    for (std::size_t at = 0; at < bytes.size(); at += std::min(slice_bytes, bytes.size() - at)) {
      to.feed(std::string_view(bytes).substr(at, slice_bytes));
    }
  }

  MemoryDisk disk;
  std::shared_ptr<Context> server_context;
  std::shared_ptr<Context> client_context;
  Engine server;
  Engine client;
};

}  // namespace quoll::tls::testing
