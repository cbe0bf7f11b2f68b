#include "store/snapshot_parser.h"

#include <fmt/format.h>

#include "store/snapshot_format.h"
#include "wire/jute.h"

namespace quoll::store {

namespace {

using Wrong = std::unexpected<std::string>;

constexpr std::size_t kSessionBytes = 12;
constexpr std::size_t kNodeTailBytes = 8 + 60;  // the number of its ACL list, and the stat
// A list is kept whole. It came to the leader in one request.
constexpr std::size_t kAclListBytesMax = std::size_t{64} << 20;

std::int32_t int_at(std::string_view bytes, std::size_t at) {
  std::int32_t value = 0;
  wire::Reader(bytes.substr(at)).get(value);
  return value;
}

// The string whose length is at `at`; nullopt: it has not come whole.
std::expected<std::optional<std::string_view>, std::string> text_at(std::string_view bytes, std::size_t at) {
  if (bytes.size() < at + 4) return std::nullopt;
  const std::int32_t length = int_at(bytes, at);
  if (length < -1 || length > kFieldBytesMax) return Wrong(fmt::format("a string claims to have {} bytes", length));
  const auto size = static_cast<std::size_t>(std::max(length, 0));
  if (bytes.size() < at + 4 + size) return std::nullopt;
  return bytes.substr(at + 4, size);
}

}  // namespace

std::expected<std::size_t, std::string> SnapshotParser::take(std::string_view bytes, std::string& body) {
  if (error_) return Wrong(*error_);
  if (is_complete()) return 0;
  const std::size_t kept = kept_.size();
  if (kept > 0) kept_.append(bytes);
  const std::string_view all = kept > 0 ? std::string_view(kept_) : bytes;
  std::size_t at = 0;
  while (!is_complete()) {
    const bool is_of_body = stage_ != Stage::signature;
    const Used used = step(all.substr(at));
    if (!used) {
      error_ = used.error();
      return Wrong(*error_);
    }
    if (*used == 0) break;
    if (is_of_body) body.append(all.substr(at, *used));
    at += *used;
  }
  const std::size_t taken = is_complete() ? at - kept : bytes.size();
  if (is_complete()) {
    kept_ = {};
  } else if (kept > 0) {
    kept_.erase(0, at);
  } else {
    kept_.assign(all.substr(at));
  }
  return taken;
}

SnapshotParser::Used SnapshotParser::step(std::string_view bytes) {
  switch (stage_) {
    case Stage::session_count:
      return count(bytes, "sessions", Stage::session, Stage::acl_count);
    case Stage::session:
      return session(bytes);
    case Stage::acl_count:
      return count(bytes, "ACL lists", Stage::acl_head, Stage::node);
    case Stage::acl_head:
      return acl_head(bytes);
    case Stage::acl_entry:
      return acl_entry(bytes);
    case Stage::node:
      return node(bytes);
    case Stage::signature:
      return signature(bytes);
    case Stage::complete:
      break;
  }
  return 0;
}

SnapshotParser::Used SnapshotParser::count(std::string_view bytes, std::string_view of, Stage items, Stage after) {
  if (bytes.size() < 4) return 0;
  left_ = int_at(bytes, 0);
  if (left_ < 0) return Wrong(fmt::format("it claims to hold {} {}", left_, of));
  stage_ = left_ > 0 ? items : after;
  return 4;
}

SnapshotParser::Used SnapshotParser::session(std::string_view bytes) {
  if (bytes.size() < kSessionBytes) return 0;
  std::int64_t id = 0;
  std::int32_t timeout_ms = 0;
  wire::Reader reader(bytes);
  reader.get(id);
  reader.get(timeout_ms);
  if (!visitor_.on_session(id, timeout_ms))
    return Wrong(fmt::format("session 0x{:x} was refused", static_cast<std::uint64_t>(id)));
  if (--left_ == 0) stage_ = Stage::acl_count;
  return kSessionBytes;
}

SnapshotParser::Used SnapshotParser::acl_head(std::string_view bytes) {
  constexpr std::size_t kHeadBytes = 12;
  if (bytes.size() < kHeadBytes) return 0;
  wire::Reader(bytes).get(acl_id_);
  entries_left_ = int_at(bytes, 8);
  if (entries_left_ < 0) return Wrong(fmt::format("an ACL list claims to have {} entries", entries_left_));
  acl_.clear();
  acl_bytes_ = 0;
  stage_ = Stage::acl_entry;
  if (entries_left_ == 0) {
    if (const Used done = end_of_list(); !done) return done;
  }
  return kHeadBytes;
}

SnapshotParser::Used SnapshotParser::acl_entry(std::string_view bytes) {
  const auto scheme = text_at(bytes, 4);
  if (!scheme) return Wrong(scheme.error());
  if (!*scheme) return 0;
  const std::size_t id_at = 8 + (*scheme)->size();
  const auto id = text_at(bytes, id_at);
  if (!id) return Wrong(id.error());
  if (!*id) return 0;
  const std::size_t used = id_at + 4 + (*id)->size();
  acl_bytes_ += used;
  if (acl_bytes_ > kAclListBytesMax) return Wrong(fmt::format("ACL list {} is longer than any request", acl_id_));
  acl_.push_back(Acl{int_at(bytes, 0), Id{std::string(**scheme), std::string(**id)}});
  if (--entries_left_ == 0) {
    if (const Used done = end_of_list(); !done) return done;
  }
  return used;
}

SnapshotParser::Used SnapshotParser::end_of_list() {
  if (!visitor_.on_acl(acl_id_, std::exchange(acl_, {})))
    return Wrong(fmt::format("ACL list {} occurs twice or has a reserved id", acl_id_));
  stage_ = --left_ > 0 ? Stage::acl_head : Stage::node;
  return 0;
}

SnapshotParser::Used SnapshotParser::node(std::string_view bytes) {
  if (bytes.size() < 4) return 0;
  const std::int32_t path_bytes = int_at(bytes, 0);
  if (path_bytes < 0 || path_bytes > kPathBytesMax)
    return Wrong(fmt::format("a path claims to have {} bytes", path_bytes));
  const std::size_t data_at = 4 + static_cast<std::size_t>(path_bytes);
  if (bytes.size() < data_at) return 0;
  const std::string_view path = bytes.substr(4, data_at - 4);
  if (path == "/") {
    stage_ = end_ == End::signature ? Stage::signature : Stage::complete;
    return data_at;
  }
  // The root comes first, and once: else a run of zeros would be a run of znodes.
  if (is_root_next_ != path.empty()) return Wrong("a znode occurs twice or before its parent");
  if (bytes.size() < data_at + 4) return 0;
  const std::int32_t data_bytes = int_at(bytes, data_at);
  if (data_bytes < -1 || data_bytes > kFieldBytesMax)
    return Wrong(fmt::format("a znode's data claims to have {} bytes", data_bytes));
  const std::size_t tail_at = data_at + 4 + static_cast<std::size_t>(std::max(data_bytes, 0));
  if (bytes.size() < tail_at + kNodeTailBytes) return 0;
  is_root_next_ = false;
  std::int64_t acl_id = 0;
  StatPersisted stat;
  wire::Reader reader(bytes.substr(tail_at));
  reader.get(acl_id);
  reader.get(stat);
  const base::NullableView data =
      data_bytes < 0 ? base::NullableView() : base::NullableView(bytes.substr(data_at + 4, tail_at - data_at - 4));
  if (!visitor_.on_node(path, data, acl_id, stat)) return Wrong("a znode occurs twice or before its parent");
  return tail_at + kNodeTailBytes;
}

SnapshotParser::Used SnapshotParser::signature(std::string_view bytes) {
  if (bytes.size() < 4) return 0;
  const std::size_t used = 4 + kWireSignature.size();
  const bool is_right_length = int_at(bytes, 0) == static_cast<std::int32_t>(kWireSignature.size());
  if (is_right_length && bytes.size() < used) return 0;
  if (!is_right_length || bytes.substr(4, kWireSignature.size()) != kWireSignature)
    return Wrong("it does not end with the signature of a leader's state");
  stage_ = Stage::complete;
  return used;
}

}  // namespace quoll::store
