// The file of a snapshot while it is written: checksum, compression, seals, and the change of its name.
//
// It has a temporary name until it is complete and synced. After the first error the rest is skipped. One thread at a
// time uses it; that is the worker's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "env/disk.h"
#include "store/compression.h"
#include "store/options.h"
#include "types/ids.h"

namespace quoll::store {

class SnapshotFile {
 public:
  // `temporary_prefix` begins the temporary name; two files of one zxid that are written at a time need two.
  SnapshotFile(env::Disk& disk, std::string directory, std::string_view temporary_prefix, const Options& options,
               Zxid zxid);

  void write(std::string_view bytes);
  // Writes the checksum of all bytes so far.
  void seal();
  // Completes and syncs the file under its temporary name. After an error it is removed.
  void close();
  // Renames the closed file and makes that durable.
  void publish();
  void discard();

  [[nodiscard]] const std::optional<env::DiskError>& error() const { return error_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& temporary_name() const { return temporary_name_; }

 private:
  [[nodiscard]] std::string path_of(const std::string& name) const { return directory_ + "/" + name; }
  void open();
  void put(std::string_view bytes);
  void note(const env::DiskResult<void>& result);

  env::Disk& disk_;
  std::string directory_;
  std::string name_;
  std::string temporary_name_;
  std::unique_ptr<Compressor> compressor_;
  std::unique_ptr<env::File> file_;
  bool is_there_ = false;  // under its temporary name
  std::int64_t offset_ = 0;
  std::uint32_t adler_ = 1;  // Adler-32 of nothing
  std::optional<env::DiskError> error_;
};

}  // namespace quoll::store
