#include "store/byte_source.h"

namespace quoll::store {

env::DiskResult<std::string_view> BufferedSource::peek(std::size_t count) {
  if (buffer_.size() - at_ < count && !ended_) {
    buffer_.erase(0, at_);
    at_ = 0;
    while (buffer_.size() < count && !ended_) {
      const std::size_t before = buffer_.size();
      // The buffer grows in steps: in a damaged file `count` may be false, so memory is reserved only for bytes that
      // exist.
      buffer_.resize(before + chunk_bytes_);
      chunk_bytes_ = std::min(2 * chunk_bytes_, kChunkBytesMax);
      const auto got = source_->read(std::span(buffer_).subspan(before));
      buffer_.resize(before + got.value_or(0));
      if (!got) return std::unexpected(got.error());
      ended_ = *got == 0;
    }
  }
  return std::string_view(buffer_).substr(at_);
}

}  // namespace quoll::store
