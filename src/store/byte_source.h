// Bytes of a file from front to back, through a buffer.
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
  // Up to out.size() bytes; 0: the end.
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

// Looks ahead by any number of bytes.
class BufferedSource {
 public:
  explicit BufferedSource(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  // At least `count` bytes from here on, or as many as there are before the end.
  [[nodiscard]] env::DiskResult<std::string_view> peek(std::size_t count);
  void skip(std::size_t count) {
    at_ += count;
    position_ += static_cast<std::int64_t>(count);
  }
  // Bytes taken so far.
  [[nodiscard]] std::int64_t position() const { return position_; }

 private:
  static constexpr std::size_t kChunkBytesMax = std::size_t{1} << 20;
  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  std::size_t chunk_bytes_ = std::size_t{32} << 10;  // most files are small, and the rest soon doubles it
  std::size_t at_ = 0;
  std::int64_t position_ = 0;
  bool ended_ = false;
};

}  // namespace quoll::store
