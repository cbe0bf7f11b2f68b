#include "tree/digest.h"

#include <array>
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

// Quota statistics differ between servers.
bool counts_nothing(std::string_view path) {
  return path.starts_with("/zookeeper/");
}

using Numbers = std::array<char, 60>;

Numbers numbers_of(const StatPersisted& stat) {
  Numbers numbers;
  char* at = numbers.data();
  for (const std::int64_t value : {stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.mtime}) at = put(at, value);
  for (const std::int32_t value : {stat.version, stat.cversion, stat.aversion}) at = put(at, value);
  put(at, stat.ephemeral_owner);
  return numbers;
}

}  // namespace

std::uint32_t node_digest(std::string_view path, base::NullableView data, const StatPersisted& stat) {
  if (counts_nothing(path)) return 0;
  if (path == "/") path = {};
  const Numbers numbers = numbers_of(stat);
  std::uint32_t crc = update(0, nullptr, 0);
  if (!path.empty()) crc = update(crc, path.data(), path.size());
  if (data.size() > 0) crc = update(crc, data.view().data(), data.size());
  return update(crc, numbers.data(), numbers.size());
}

std::uint32_t digest_with_numbers(std::string_view path, std::uint32_t digest, const StatPersisted& before,
                                  const StatPersisted& after) {
  if (counts_nothing(path)) return 0;
  static const std::uint32_t kOfZeros = update(0, Numbers{}.data(), sizeof(Numbers));
  const Numbers old_numbers = numbers_of(before);
  Numbers difference = numbers_of(after);
  for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = static_cast<char>(difference[i] ^ old_numbers[i]);
  return digest ^ update(0, difference.data(), difference.size()) ^ kOfZeros;
}

}  // namespace quoll::tree
