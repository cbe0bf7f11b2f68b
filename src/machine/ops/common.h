// Checks shared by several operations.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "machine/prepare.h"
#include "machine/read.h"
#include "types/path.h"
#include "watch/watch.h"

namespace quoll::machine::ops {

// The version after a change. Skips -1, which would mean "any version" (ZOOKEEPER-4743).
constexpr std::int32_t next_version(std::int32_t version) {
  const auto next = static_cast<std::int32_t>(static_cast<std::uint32_t>(version) + 1);
  return next == -1 ? 0 : next;
}

inline std::expected<std::int32_t, Error> check_version(std::int32_t current, std::int32_t expected) {
  if (expected != -1 && expected != current) return std::unexpected(Error::bad_version);
  return next_version(current);
}

inline bool allows(const Preparation& p, const auth::AccessList& acl, std::int32_t perms) {
  return p.schemes.allows(acl, perms, p.request.identities);
}

// The error for a request whose transaction would be larger than readers accept. It is an error of the arguments, so
// that clients do not retry (docs/deviations.md).
inline constexpr Error kTooLarge = Error::bad_arguments;

// The ACL that a client wants to set, as it will be stored.
inline std::expected<AclList, Error> fixed_acl(Preparation& p, const AclViews& acl) {
  auto fixed = p.schemes.fix_up(acl, p.request.identities, p.bytes_left);
  if (!fixed && fixed.error() == kTooLarge) p.is_too_large = true;
  return fixed;
}

// Apache checks for a slash and a NUL before it looks up the parent, and validates the whole path only later.
inline bool has_parent_part(std::string_view path) {
  return path.find('/') != std::string_view::npos && path.find('\0') == std::string_view::npos;
}

// The node to read, if it exists and the client may read it. A null path gives marshalling_error, as Apache's lookup
// throws.
inline std::expected<tree::NodeId, Error> readable_node(const Reading& r, base::NullableView path,
                                                        std::int32_t perms = perm::kRead) {
  if (path.is_null()) return std::unexpected(Error::marshalling_error);
  const tree::NodeId id = r.state.tree.find(path.view());
  if (id == tree::kNoNode) return std::unexpected(Error::no_node);
  if (!r.schemes.allows(r.state.tree.acl_of(id), perms, r.request.identities)) return std::unexpected(Error::no_auth);
  return id;
}

// The error for a request that would set more watches than one connection, or all together, may have.
inline constexpr Error kTooManyWatches = Error::bad_arguments;

// Whether the client may set a watch on this path in `tables` more tables. Every client may have a few.
inline bool may_watch(const Reading& r, std::string_view path, std::size_t tables = 1) {
  constexpr std::size_t kFewBytes = std::size_t{1} << 20;
  const watch::WatchTable& data = r.state.data_watches;
  const watch::WatchTable& child = r.state.child_watches;
  const std::size_t more = tables * watch::WatchTable::bytes_of(path);
  const std::size_t own = data.bytes_of(r.request.watcher) + child.bytes_of(r.request.watcher) + more;
  if (own > r.rules.watch_bytes_per_connection) return false;
  return own <= kFewBytes || data.bytes() + child.bytes() + more <= r.rules.watch_bytes_max;
}

// Sets the watch unless there are too many. False: refused.
[[nodiscard]] inline bool set_watch(Reading& r, watch::WatchTable& table, std::string_view path, watch::Mode mode) {
  if (!may_watch(r, path) && !table.contains(path, r.request.watcher, std::nullopt)) return false;
  table.add(path, r.request.watcher, mode);
  return true;
}

// The key of a path in watch tables: the path as Java decodes it, so all malformed bytes are equal to U+FFFD.
class WatchKey {
 public:
  explicit WatchKey(base::NullableView path) : name_(path.is_null() ? watch::kNullPath : path.view()) {
    if (!path.is_null() && !base::is_valid_utf8(name_)) name_ = decoded_ = base::java_decoded(name_);
  }
  WatchKey(const WatchKey&) = delete;
  WatchKey& operator=(const WatchKey&) = delete;

  [[nodiscard]] std::string_view view() const { return name_; }

 private:
  std::string_view name_;
  std::string decoded_;
};

}  // namespace quoll::machine::ops
