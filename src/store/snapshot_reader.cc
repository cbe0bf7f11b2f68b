#include "store/snapshot_reader.h"

#include <array>
#include <fmt/format.h>
#include <zlib.h>

#include "store/byte_source.h"
#include "store/compression.h"
#include "store/snapshot_format.h"
#include "store/snapshot_trailer.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {

using Failure = std::unexpected<std::string>;

// Data that is not stored is read in pieces of at most this size.
constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

// Without a visitor it only checks, and keeps nothing: neither a znode's data nor a list is ever in memory whole.
class Loader {
 public:
  Loader(PlainSource source, std::int64_t file_bytes, SnapshotVisitor* visitor)
      : in_(std::move(source.bytes)),
        plain_bytes_max_(file_bytes * source.ratio_max + source.spare_bytes),
        visitor_(visitor) {}

  std::expected<SnapshotEnd, std::string> load() {
    if (auto done = header(); !done) return Failure(done.error());
    if (auto done = sessions(); !done) return Failure(done.error());
    if (auto done = acls(); !done) return Failure(done.error());
    if (auto done = nodes(); !done) return Failure(done.error());
    return trailer();
  }

 private:
  using Result = std::expected<void, std::string>;

  // Bytes from the current position, at least `count`.
  std::expected<std::string_view, std::string> need(std::size_t count) {
    // A length that the file can't keep is not believed, so that no memory is taken for it.
    if (static_cast<std::int64_t>(count) > plain_bytes_max_ - in_.position())
      return Failure(fmt::format("a field at byte {} is longer than what is left of the file", in_.position()));
    const auto bytes = in_.peek(count);
    if (!bytes) return Failure(bytes.error().text);
    if (bytes->size() < count)
      return Failure(fmt::format("it ends at byte {}, in the middle of a field",
                                 in_.position() + static_cast<std::int64_t>(bytes->size())));
    return bytes->substr(0, count);
  }
  void take(std::size_t count, std::string_view bytes) {
    adler_ = static_cast<std::uint32_t>(adler32_z(adler_, reinterpret_cast<const Bytef*>(bytes.data()), count));
    in_.skip(count);
  }
  Result pass(std::size_t count) {
    while (count > 0) {
      const std::size_t piece = std::min(count, kPieceBytes);
      const auto bytes = need(piece);
      if (!bytes) return Failure(bytes.error());
      take(piece, *bytes);
      count -= piece;
    }
    return {};
  }
  template <typename T>
  Result get(T& value) {
    const auto bytes = need(sizeof(T));
    if (!bytes) return Failure(bytes.error());
    wire::Reader(*bytes).get(value);
    take(sizeof(T), *bytes);
    return {};
  }

  Result header() {
    std::int32_t magic = 0;
    std::int32_t version = 0;
    std::int64_t db_id = 0;
    if (auto done = get(magic); !done) return done;
    if (auto done = get(version); !done) return done;
    if (auto done = get(db_id); !done) return done;
    if (magic != kSnapshotMagic) return Failure("it does not begin like a snapshot");
    return {};
  }

  Result sessions() {
    std::int32_t count = 0;
    if (auto done = get(count); !done) return done;
    if (count < 0) return Failure(fmt::format("it claims to hold {} sessions", count));
    for (std::int32_t i = 0; i < count; ++i) {
      std::int64_t id = 0;
      std::int32_t timeout_ms = 0;
      if (auto done = get(id); !done) return done;
      if (auto done = get(timeout_ms); !done) return done;
      if (visitor_ != nullptr && !visitor_->on_session(id, timeout_ms))
        return Failure(fmt::format("session 0x{:x} was refused", static_cast<std::uint64_t>(id)));
    }
    return {};
  }

  Result acls() {
    std::int32_t count = 0;
    if (auto done = get(count); !done) return done;
    if (count < 0) return Failure(fmt::format("it claims to hold {} ACL lists", count));
    for (std::int32_t i = 0; i < count; ++i) {
      std::int64_t id = 0;
      AclList list;
      if (auto done = get(id); !done) return done;
      if (auto done = acl_list(list); !done) return done;
      if (visitor_ != nullptr && !visitor_->on_acl(id, std::move(list)))
        return Failure(fmt::format("ACL list {} occurs twice or has a reserved id", id));
    }
    return {};
  }

  Result acl_list(AclList& list) {
    std::int32_t count = 0;
    if (auto done = get(count); !done) return done;
    if (count < 0) return Failure(fmt::format("an ACL list claims to have {} entries", count));
    for (std::int32_t i = 0; i < count; ++i) {
      Acl acl;
      if (auto done = get(acl.perms); !done) return done;
      for (std::string* const part : {&acl.id.scheme, &acl.id.id}) {
        if (auto done = text(*part); !done) return done;
      }
      if (visitor_ != nullptr) list.push_back(std::move(acl));
    }
    return {};
  }

  Result text(std::string& out) {
    std::int32_t length = 0;
    if (auto done = get(length); !done) return done;
    if (length < -1 || length > kFieldBytesMax) return Failure(fmt::format("a string claims to have {} bytes", length));
    if (visitor_ == nullptr && length > static_cast<std::int32_t>(kPieceBytes))
      return pass(static_cast<std::size_t>(length));
    const auto bytes = need(length < 0 ? 0 : static_cast<std::size_t>(length));
    if (!bytes) return Failure(bytes.error());
    out.assign(*bytes);
    take(bytes->size(), *bytes);
    return {};
  }

  // Hot path: all fields of a node are read through one view.
  Result nodes() {
    std::int64_t next_report = 0;
    bool is_root_next = true;
    while (true) {
      auto bytes = need(4);
      if (!bytes) return Failure(bytes.error());
      std::int32_t path_bytes = 0;
      wire::Reader(*bytes).get(path_bytes);
      if (path_bytes < 0 || path_bytes > kPathBytesMax)
        return Failure(fmt::format("a path claims to have {} bytes", path_bytes));
      const std::size_t data_at = 4 + static_cast<std::size_t>(path_bytes);
      bytes = need(data_at);
      if (!bytes) return Failure(bytes.error());
      if (bytes->substr(4) == "/") {
        take(data_at, *bytes);
        return {};
      }
      // The root comes first, and once: else a run of zeros would be a run of znodes.
      if (std::exchange(is_root_next, false) != bytes->substr(4).empty())
        return Failure("a znode occurs twice or before its parent");
      bytes = need(data_at + 4);
      if (!bytes) return Failure(bytes.error());
      std::int32_t data_bytes = 0;
      wire::Reader(bytes->substr(data_at)).get(data_bytes);
      if (data_bytes < -1 || data_bytes > kFieldBytesMax)
        return Failure(fmt::format("a znode's data claims to have {} bytes", data_bytes));
      if (auto done = node(data_at, data_bytes); !done) return done;
      if (in_.position() > next_report) {
        if (visitor_ != nullptr) visitor_->on_progress(in_.position());
        next_report = in_.position() + (std::int64_t{1} << 20);
      }
    }
  }

  Result node(std::size_t data_at, std::int32_t data_bytes) {
    constexpr std::size_t kTailBytes = 8 + 60;
    const std::size_t data_size = data_bytes < 0 ? 0 : static_cast<std::size_t>(data_bytes);
    if (visitor_ == nullptr) return pass(data_at + 4 + data_size + kTailBytes);
    const std::size_t whole = data_at + 4 + data_size + kTailBytes;
    const auto bytes = need(whole);
    if (!bytes) return Failure(bytes.error());
    const base::NullableView data =
        data_bytes < 0 ? base::NullableView() : base::NullableView(bytes->substr(data_at + 4, data_size));
    wire::Reader reader(bytes->substr(data_at + 4 + data_size));
    std::int64_t acl_id = 0;
    StatPersisted stat;
    reader.get(acl_id);
    reader.get(stat);
    if (!visitor_->on_node(bytes->substr(4, data_at - 4), data, acl_id, stat))
      return Failure("a znode occurs twice or before its parent");
    take(whole, *bytes);
    return {};
  }

  // Nothing follows the seals, so what is left is short.
  std::expected<SnapshotEnd, std::string> trailer() {
    const auto left = in_.peek(kSnapshotTrailerBytesMax + 1);
    if (!left) return Failure(left.error().text);
    return parse_trailer(*left, adler_);
  }

  BufferedSource in_;
  std::int64_t plain_bytes_max_;
  SnapshotVisitor* visitor_;
  std::uint32_t adler_ = 1;
};

}  // namespace

namespace {

std::expected<SnapshotEnd, std::string> run(env::Disk& disk, const StoreFile& file, SnapshotVisitor* visitor) {
  auto opened = disk.open(file.path, env::OpenMode::read);
  if (!opened) return Failure(opened.error().text);
  auto source = make_decompressor(std::move(*opened));
  if (!source) return Failure(source.error().text);
  // What a compressed file unpacks to is not known before it has been read once. One that proves itself is read again.
  if (visitor != nullptr && source->ratio_max > 1) {
    if (auto good = run(disk, file, nullptr); !good) return good;
  }
  return Loader(std::move(*source), file.bytes, visitor).load();
}

std::expected<SnapshotEnd, std::string> run_named(env::Disk& disk, const StoreFile& file, SnapshotVisitor* visitor) {
  auto end = run(disk, file, visitor);
  // A snapshot is named when it is begun and contains at least that zxid.
  if (end && end->last_processed && *end->last_processed < file.zxid) {
    return Failure(fmt::format("it ends at zxid 0x{:x}, before that of its name",
                               static_cast<std::uint64_t>(end->last_processed->value())));
  }
  return end;
}

}  // namespace

std::expected<SnapshotEnd, std::string> load_snapshot(env::Disk& disk, const StoreFile& file,
                                                      SnapshotVisitor& visitor) {
  return run_named(disk, file, &visitor);
}

std::expected<SnapshotEnd, std::string> check_snapshot(env::Disk& disk, const StoreFile& file) {
  return run_named(disk, file, nullptr);
}

bool seems_complete(env::Disk& disk, const StoreFile& file) {
  const auto opened = disk.open(file.path, env::OpenMode::read);
  if (!opened) return false;
  std::array<char, 8> bytes{};
  const auto first = (*opened)->read(0, bytes);
  if (!first || *first < 2) return false;
  const std::string_view head(bytes.data(), *first);
  if (file.name.ends_with(".gz")) return head.starts_with("\x1f\x8b");
  if (file.name.ends_with(".snappy")) return head == std::string_view("\x82SNAPPY\0", 8);
  // An uncompressed snapshot ends with the mark after its last checksum: a string of one byte, "/".
  constexpr std::string_view kEnd{"\0\0\0\1/", 5};
  std::array<char, 5> tail{};
  if (file.bytes < 10) return false;
  const auto last = (*opened)->read(file.bytes - 5, tail);
  return last && std::string_view(tail.data(), *last) == kEnd;
}

}  // namespace quoll::store
