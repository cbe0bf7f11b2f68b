#include "store/log_format.h"

#include <zlib.h>

#include "wire/jute.h"

namespace quoll::store {

std::string log_header() {
  std::string out;
  wire::Writer writer(out);
  writer.put(kLogMagic);
  writer.put(kLogVersion);
  writer.put(std::int64_t{0});
  return out;
}

std::uint32_t adler32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      adler32_z(adler32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

void append_entry(std::string_view txn, std::string& out) {
  wire::Writer writer(out);
  writer.put(static_cast<std::int64_t>(adler32_of(txn)));
  writer.put(txn);
  out.push_back(kEntryEnd);
}

std::int64_t padded_size(std::int64_t position, std::int64_t size, std::int64_t pre_alloc_bytes) {
  constexpr std::int64_t kDistance = 4096;
  if (pre_alloc_bytes <= 0 || position + kDistance < size) return size;
  if (position > size) {
    const std::int64_t grown = position + pre_alloc_bytes;
    return grown - grown % pre_alloc_bytes;
  }
  return size + pre_alloc_bytes;
}

}  // namespace quoll::store
