// getChildren, getChildren2, getAllChildrenNumber, getEphemerals: many znodes.
#include <algorithm>

#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

std::vector<std::string_view> names_of(const tree::Tree& tree, tree::NodeId id) {
  std::vector<std::string_view> names;
  names.reserve(tree.node(id).child_count);
  tree.for_each_child(id, [&](tree::NodeId, const tree::Node& child) { names.push_back(child.name()); });
  return names;
}

// The node whose children are asked for; leaves the watch.
std::expected<tree::NodeId, Error> watched_parent(Reading& r) {
  const auto& request = std::get<WatchedReadRequest>(r.request.body);
  const auto id = readable_node(r, request.path);
  if (id && request.watch) r.state.child_watches.add(request.path.view(), r.request.watcher, watch::Mode::standard);
  return id;
}

}  // namespace

ReadResult read_get_children(Reading& r) {
  const auto id = watched_parent(r);
  if (!id) return id.error();
  return ReplyBody{NamesReply{names_of(r.state.tree, *id)}};
}

ReadResult read_get_children2(Reading& r) {
  const auto id = watched_parent(r);
  if (!id) return id.error();
  return ReplyBody{NamesStatReply{names_of(r.state.tree, *id), r.state.tree.stat_of(*id)}};
}

ReadResult read_get_all_children_number(Reading& r) {
  const auto& request = std::get<PathRequest>(r.request.body);
  const auto id = readable_node(r, request.path);
  if (!id) return id.error();
  // Apache counts the root among what lies below "".
  const std::int64_t extra = request.path.view().empty() ? 1 : 0;
  return ReplyBody{CountReply{static_cast<std::int32_t>(r.state.tree.descendants(*id) + extra)}};
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
      if (path.starts_with(prefix)) reply.strings.push_back(std::move(path));
    }
  }
  std::sort(reply.strings.begin(), reply.strings.end());
  return ReplyBody{std::move(reply)};
}

}  // namespace quoll::machine::ops
