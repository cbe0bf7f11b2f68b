// Reads a file from front to back through a buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "env/disk.h"

namespace quoll::store {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Reads up to out.size() bytes; 0 at the end.
  [[nodiscard]] virtual env::DiskResult<std::size_t> read(std::span<char> out) = 0;
};

class FileSource : public ByteSource {
 public:
  FileSource(std::unique_ptr<env::File> file, std::int64_t offset) : file_(std::move(file)), offset_(offset) {}
  [[nodiscard]] env::DiskResult<std::size_t> read(std::span<char> out) override {
    auto got = file_->read(offset_, out);
    if (got) offset_ += static_cast<std::int64_t>(*got);
    return got;
  }

 private:
  std::unique_ptr<env::File> file_;
  std::int64_t offset_;
};

// Allows looking ahead by any number of bytes.
class BufferedSource {
 public:
  explicit BufferedSource(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  // Returns at least `count` bytes from the current position, or all that are left.
  [[nodiscard]] env::DiskResult<std::string_view> peek(std::size_t count);
  void skip(std::size_t count) {
    at_ += count;
    position_ += static_cast<std::int64_t>(count);
  }
  // Number of bytes consumed so far.
  [[nodiscard]] std::int64_t position() const { return position_; }

 private:
  static constexpr std::size_t kChunkBytesMax = std::size_t{1} << 20;
  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  std::size_t chunk_bytes_ = std::size_t{32} << 10;  // most files are small; doubled while a file turns out to be large
  std::size_t at_ = 0;
  std::int64_t position_ = 0;
  bool ended_ = false;
};

}  // namespace quoll::store
