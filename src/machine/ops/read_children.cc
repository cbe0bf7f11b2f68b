// getChildren, getChildren2, getAllChildrenNumber, getEphemerals: reads of many znodes.
#include "base/narrow.h"
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

constexpr std::size_t kLengthBytes = 4;

struct Children {
  tree::NodeId parent;
  std::vector<std::string_view> names;
};

// The names of the children; sets the watch if requested.
std::expected<Children, Error> watched_children(Reading& r) {
  const auto& request = std::get<WatchedReadRequest>(r.request.body);
  const auto id = readable_node(r, request.path);
  if (!id) return std::unexpected(id.error());
  const tree::Tree& tree = r.state.tree;
  Children children{*id, {}};
  const std::size_t count = tree.node(*id).child_count;
  if (!r.grow(count * (sizeof(std::string_view) + kLengthBytes))) return std::unexpected(kReplyTooLarge);
  children.names.reserve(count);
  std::size_t bytes = 0;
  tree.for_each_child(*id, [&](tree::NodeId, const tree::Node& child) {
    children.names.push_back(child.name());
    bytes += child.name().size();
  });
  if (!r.grow(bytes)) return std::unexpected(kReplyTooLarge);
  if (request.watch && !set_watch(r, r.state.child_watches, request.path.view(), watch::Mode::standard))
    return std::unexpected(kTooManyWatches);
  return children;
}

}  // namespace

ReadResult read_get_children(Reading& r) {
  auto children = watched_children(r);
  if (!children) return children.error();
  return ReplyBody{NamesReply{std::move(children->names)}};
}

ReadResult read_get_children2(Reading& r) {
  auto children = watched_children(r);
  if (!children) return children.error();
  return ReplyBody{NamesStatReply{std::move(children->names), r.state.tree.stat_of(children->parent)}};
}

ReadResult read_get_all_children_number(Reading& r) {
  const auto& request = std::get<PathRequest>(r.request.body);
  const auto id = readable_node(r, request.path);
  if (!id) return id.error();
  // Apache counts the root among the descendants of "".
  const std::int64_t extra = request.path.view().empty() ? 1 : 0;
  return ReplyBody{CountReply{base::narrow32(r.state.tree.descendants(*id) + extra)}};
}

ReadResult read_get_ephemerals(Reading& r) {
  std::string_view prefix = std::get<PathRequest>(r.request.body).path.view();
  std::string_view trimmed = prefix;
  while (!trimmed.empty() && static_cast<unsigned char>(trimmed.front()) <= ' ') trimmed.remove_prefix(1);
  while (!trimmed.empty() && static_cast<unsigned char>(trimmed.back()) <= ' ') trimmed.remove_suffix(1);
  if (trimmed.empty() || trimmed == "/") prefix = {};
  StringsReply reply;
  if (const auto* owned = r.state.tree.ephemerals_of(r.request.session.value())) {
    for (const tree::NodeId id : *owned) {
      std::string path = r.state.tree.path_of(id);
      if (!path.starts_with(prefix)) continue;
      if (!r.grow(sizeof(std::string) + kLengthBytes + 2 * path.size())) return kReplyTooLarge;
      reply.strings.push_back(std::move(path));
    }
  }
  return ReplyBody{std::move(reply)};
}

}  // namespace quoll::machine::ops
