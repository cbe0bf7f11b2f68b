// The format of the transaction log (docs/formats/log.md): a file header, then entries of checksum, length, bytes and
// an end mark, then padding with zeros.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace quoll::store {

inline constexpr std::int32_t kLogMagic = 0x5a4b4c47;  // "ZKLG"
inline constexpr std::int32_t kLogVersion = 2;
inline constexpr std::size_t kLogHeaderBytes = 16;
inline constexpr std::size_t kEntryHeadBytes = 12;  // checksum (8) and length (4)
inline constexpr char kEntryEnd = 'B';

std::string log_header();
// Appends one entry to `out`.
void append_entry(std::string_view txn, std::string& out);
std::uint32_t adler32_of(std::string_view bytes);

// The size to which a file is extended so that it keeps Apache's distance between `position` and its end (FilePadding).
std::int64_t padded_size(std::int64_t position, std::int64_t size, std::int64_t pre_alloc_bytes);

}  // namespace quoll::store
