// A file of a backup: it is written from front to back, synced, and described by its size and its SHA-256.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "env/disk.h"

namespace quoll::apps::backup {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  // 64 hexadecimal digits. Nothing may be added afterwards.
  std::string finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct FileFacts {
  std::string name;
  std::int64_t bytes = 0;
  std::string sha256;
  friend bool operator==(const FileFacts&, const FileFacts&) = default;
};

class DigestFile {
 public:
  // Fails if the file exists. It is collected in memory up to a megabyte.
  static env::DiskResult<std::unique_ptr<DigestFile>> create(env::Disk& disk, const std::string& directory,
                                                             const std::string& name);

  [[nodiscard]] env::DiskResult<void> write(std::string_view bytes);
  // Writes what is collected, and syncs the file; the name is durable after a sync of the directory.
  [[nodiscard]] env::DiskResult<FileFacts> close();

 private:
  DigestFile(std::unique_ptr<env::File> file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
  [[nodiscard]] env::DiskResult<void> flush();

  std::unique_ptr<env::File> file_;
  std::string name_;
  std::string pending_;
  std::int64_t bytes_ = 0;
  Sha256 digest_;
};

// Bytes of a file that have been dealt with.
using OnBytes = std::function<void(std::int64_t bytes)>;

// Reads the whole file.
env::DiskResult<FileFacts> facts_of(env::Disk& disk, const std::string& directory, const std::string& name,
                                    const OnBytes& on_bytes);
env::DiskResult<FileFacts> copy_file(env::Disk& disk, const std::string& from, const std::string& directory,
                                     const std::string& name, const OnBytes& on_bytes);

}  // namespace quoll::apps::backup
