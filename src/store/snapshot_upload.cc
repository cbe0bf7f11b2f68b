#include "store/snapshot_upload.h"

#include <algorithm>
#include <fmt/format.h>
#include <zlib.h>

#include "store/snapshot_format.h"
#include "store/snapshot_trailer.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {

constexpr std::size_t kHeadBytes = 16;  // magic, version, number of the database

std::uint32_t adler_of(std::string_view bytes, std::uint32_t before) {
  return static_cast<std::uint32_t>(adler32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace

std::expected<void, std::string> SnapshotUpload::take(std::string_view bytes) {
  if (!has_head_) {
    const std::size_t part = std::min(kHeadBytes - head_.size(), bytes.size());
    head_ += bytes.substr(0, part);
    bytes.remove_prefix(part);
    if (head_.size() < kHeadBytes) return {};
    if (auto good = check_head(); !good) return good;
    has_head_ = true;
    adler_ = adler_of(head_, adler_);
  }
  if (!receiver_.is_complete()) {
    const auto taken = receiver_.take(bytes);
    if (!taken) return std::unexpected(taken.error());
    adler_ = adler_of(bytes.substr(0, *taken), adler_);
    bytes.remove_prefix(*taken);
  }
  trailer_ += bytes;
  if (trailer_.size() > kSnapshotTrailerBytesMax) return std::unexpected("there are bytes after its end");
  return {};
}

std::expected<void, std::string> SnapshotUpload::check_head() {
  if (head_.starts_with("\x1f\x8b") || head_.starts_with("\x82SNAPPY"))
    return std::unexpected("it is compressed; unpack it first");
  std::int32_t magic = 0;
  std::int32_t version = 0;
  wire::Reader reader(head_);
  reader.get(magic);
  reader.get(version);
  if (magic != kSnapshotMagic) return std::unexpected("it does not begin like a snapshot");
  if (version != kSnapshotVersion)
    return std::unexpected(fmt::format("it is of version {}; only {} is known", version, kSnapshotVersion));
  return {};
}

std::expected<SnapshotEnd, std::string> SnapshotUpload::end() const {
  if (!receiver_.is_complete()) return std::unexpected("it ends before its last znode");
  return parse_trailer(trailer_, adler_);
}

}  // namespace quoll::store
