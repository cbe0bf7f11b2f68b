// Checks that several operations share.
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

// The version after a change: never -1, which would mean "any" (ZOOKEEPER-4743).
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

// What a request is answered whose transaction would be larger than any reader takes: as for other arguments that can
// never be taken, so that no client tries again (docs/deviations.md).
inline constexpr Error kTooLarge = Error::bad_arguments;

// The ACL that a client wants to set, as it will be stored.
inline std::expected<AclList, Error> fixed_acl(Preparation& p, const AclViews& acl) {
  auto fixed = p.schemes.fix_up(acl, p.request.identities, p.bytes_left);
  if (!fixed && fixed.error() == kTooLarge) p.is_too_large = true;
  return fixed;
}

// Apache looks for a slash and a NUL before it looks for the parent; the whole path is validated only later.
inline bool has_parent_part(std::string_view path) {
  return path.find('/') != std::string_view::npos && path.find('\0') == std::string_view::npos;
}

// The node that a read is about, if the client may read it. `path` null breaks Apache's lookup: marshalling_error.
inline std::expected<tree::NodeId, Error> readable_node(const Reading& r, base::NullableView path,
                                                        std::int32_t perms = perm::kRead) {
  if (path.is_null()) return std::unexpected(Error::marshalling_error);
  const tree::NodeId id = r.state.tree.find(path.view());
  if (id == tree::kNoNode) return std::unexpected(Error::no_node);
  if (!r.schemes.allows(r.state.tree.acl_of(id), perms, r.request.identities)) return std::unexpected(Error::no_auth);
  return id;
}

// What a request is answered that would leave more watches than one connection, or all together, may have.
inline constexpr Error kTooManyWatches = Error::bad_arguments;

// May the client have a watch in so many more tables on this path? A few any client may have.
inline bool may_watch(const Reading& r, std::string_view path, std::size_t tables = 1) {
  constexpr std::size_t kFewBytes = std::size_t{1} << 20;
  const watch::WatchTable& data = r.state.data_watches;
  const watch::WatchTable& child = r.state.child_watches;
  const std::size_t more = tables * watch::WatchTable::bytes_of(path);
  const std::size_t own = data.bytes_of(r.request.watcher) + child.bytes_of(r.request.watcher) + more;
  if (own > r.rules.watch_bytes_per_connection) return false;
  return own <= kFewBytes || data.bytes() + child.bytes() + more <= r.rules.watch_bytes_max;
}

// Sets it unless there are too many. False: refused.
[[nodiscard]] inline bool set_watch(Reading& r, watch::WatchTable& table, std::string_view path, watch::Mode mode) {
  if (!may_watch(r, path) && !table.contains(path, r.request.watcher, std::nullopt)) return false;
  table.add(path, r.request.watcher, mode);
  return true;
}

// What a path is called where watches are kept: as Java reads it, so that malformed bytes are U+FFFD, whichever they
// were.
class WatchedName {
 public:
  explicit WatchedName(base::NullableView path) : name_(path.is_null() ? watch::kNullPath : path.view()) {
    if (!path.is_null() && !base::is_valid_utf8(name_)) name_ = decoded_ = base::java_decoded(name_);
  }
  WatchedName(const WatchedName&) = delete;
  WatchedName& operator=(const WatchedName&) = delete;

  [[nodiscard]] std::string_view view() const { return name_; }

 private:
  std::string_view name_;
  std::string decoded_;
};

}  // namespace quoll::machine::ops
