#include "tree/digest.h"

#include <bit>
#include <cstring>
#include <zlib.h>

namespace quoll::tree {

namespace {

template <typename T>
char* put(char* at, T value) {
  if constexpr (sizeof(T) == 8) {
    const auto swapped = __builtin_bswap64(static_cast<std::uint64_t>(value));
    std::memcpy(at, &swapped, 8);
  } else {
    const auto swapped = __builtin_bswap32(static_cast<std::uint32_t>(value));
    std::memcpy(at, &swapped, 4);
  }
  return at + sizeof(T);
}

std::uint32_t update(std::uint32_t crc, const char* bytes, std::size_t count) {
  return static_cast<std::uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef*>(bytes), count));
}

}  // namespace

std::uint32_t node_digest(std::string_view path, base::NullableView data, const StatPersisted& stat) {
  if (path.starts_with("/zookeeper/")) return 0;
  if (path == "/") path = {};
  char numbers[60];
  char* at = numbers;
  for (const std::int64_t value : {stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime}) at = put(at, value);
  for (const std::int32_t value : {stat.version, stat.cversion, stat.aversion}) at = put(at, value);
  put(at, stat.ephemeral_owner);
  std::uint32_t crc = update(0, nullptr, 0);
  if (!path.empty()) crc = update(crc, path.data(), path.size());
  if (data.size() > 0) crc = update(crc, data.view().data(), data.size());
  return update(crc, numbers, sizeof numbers);
}

}  // namespace quoll::tree
