// Compression of snapshots: none, gzip, or snappy in the framing of snappy-java's SnappyOutputStream.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "store/byte_source.h"
#include "store/options.h"

namespace quoll::store {

std::string_view suffix_of(Options::Compression compression);  // "", ".gz", ".snappy"

class Compressor {
 public:
  virtual ~Compressor() = default;
  // Appends the bytes that are ready for the file to `out`.
  virtual void write(std::string_view bytes, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;
};
std::unique_ptr<Compressor> make_compressor(Options::Compression compression);

// The plain bytes of a file: no more than ratio_max times its size and spare_bytes.
struct PlainSource {
  std::unique_ptr<ByteSource> bytes;
  std::int64_t ratio_max = 1;  // 1: the file is not compressed
  std::int64_t spare_bytes = 0;
};
// Detects the compression from the file's first bytes, not from its name. Errors in the content have code 0.
env::DiskResult<PlainSource> make_decompressor(std::unique_ptr<env::File> file);

}  // namespace quoll::store
