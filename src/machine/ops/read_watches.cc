// addWatch, checkWatches, removeWatches, setWatches, setWatches2.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

using watch::EventType;
using watch::Mode;
using watch::WatcherType;

struct Place {
  bool in_data = false;
  bool in_children = false;
  std::optional<Mode> mode;
};

// The tables and mode of a watcher type; nullopt if the type is unknown.
std::optional<Place> place_of(std::int32_t type) {
  switch (static_cast<WatcherType>(type)) {
    case WatcherType::children:
      return Place{false, true, Mode::standard};
    case WatcherType::data:
      return Place{true, false, Mode::standard};
    case WatcherType::any:
      return Place{true, true, std::nullopt};
    case WatcherType::persistent:
      return Place{true, true, Mode::persistent};
    case WatcherType::persistent_recursive:
      return Place{true, false, Mode::persistent_recursive};
  }
  return std::nullopt;
}

// Returns false if there are too many watches.
bool add_persistent(Reading& r, std::string_view path, Mode mode) {
  watch::WatchTable& data = r.state.data_watches;
  const std::size_t tables = mode == Mode::persistent ? 2 : 1;
  if (!may_watch(r, path, tables) && !data.contains(path, r.request.watcher, mode)) return false;
  const watch::SharedPath stored = data.add(path, r.request.watcher, mode);
  if (mode == Mode::persistent) r.state.child_watches.add(stored, r.request.watcher, mode);
  return true;
}

// Sends the event that the client missed for a watched path since `relative_zxid`, or sets the watch again. Returns
// false if there are too many watches.
bool renew_data(Reading& r, std::string_view path, std::int64_t relative_zxid) {
  const tree::NodeId id = r.state.tree.find(path);
  if (id == tree::kNoNode) return r.catch_up(EventType::node_deleted, path), true;
  if (r.state.tree.node(id).stat.mzxid > relative_zxid) return r.catch_up(EventType::node_data_changed, path), true;
  return set_watch(r, r.state.data_watches, path, Mode::standard);
}

bool renew_exist(Reading& r, std::string_view path, std::int64_t) {
  if (r.state.tree.find(path) != tree::kNoNode) return r.catch_up(EventType::node_created, path), true;
  return set_watch(r, r.state.data_watches, path, Mode::standard);
}

bool renew_child(Reading& r, std::string_view path, std::int64_t relative_zxid) {
  const tree::NodeId id = r.state.tree.find(path);
  if (id == tree::kNoNode) return r.catch_up(EventType::node_deleted, path), true;
  if (r.state.tree.node(id).stat.pzxid > relative_zxid) return r.catch_up(EventType::node_children_changed, path), true;
  return set_watch(r, r.state.child_watches, path, Mode::standard);
}

// Returns an error for a null list, a null path in it, or too many watches. The paths before it have been processed, as
// in Apache's server.
template <typename Renew>
Error renew_all(const Paths& paths, Renew&& renew) {
  if (!paths) return Error::marshalling_error;
  for (const auto& path : *paths) {
    if (path.is_null()) return Error::marshalling_error;
    if (!renew(WatchKey(path).view())) return kTooManyWatches;
  }
  return Error::ok;
}

// Persistent watches are set without checking the tree, even on a null path.
Error add_all(Reading& r, const Paths& paths, Mode mode) {
  if (!paths) return Error::marshalling_error;
  for (const auto& path : *paths) {
    if (!add_persistent(r, WatchKey(path).view(), mode)) return kTooManyWatches;
  }
  return Error::ok;
}

template <typename Request>
Error renew_standard(Reading& r, const Request& request) {
  const std::int64_t zxid = request.relative_zxid;
  Error error = renew_all(request.data_watches, [&](std::string_view path) { return renew_data(r, path, zxid); });
  if (error == Error::ok)
    error = renew_all(request.exist_watches, [&](std::string_view path) { return renew_exist(r, path, zxid); });
  if (error == Error::ok)
    error = renew_all(request.child_watches, [&](std::string_view path) { return renew_child(r, path, zxid); });
  return error;
}

}  // namespace

ReadResult read_add_watch(Reading& r) {
  const auto& request = std::get<WatchTypeRequest>(r.request.body);
  if (request.type != 0 && request.type != 1) return Error::marshalling_error;
  const WatchKey name(request.path);
  if (!add_persistent(r, name.view(), request.type == 0 ? Mode::persistent : Mode::persistent_recursive))
    return kTooManyWatches;
  return ReplyBody{ErrorReply{0}};
}

ReadResult read_check_watches(Reading& r) {
  const auto& request = std::get<WatchTypeRequest>(r.request.body);
  const auto place = place_of(request.type);
  if (!place) return Error::marshalling_error;
  const WatchKey name(request.path);
  const std::string_view path = name.view();
  // Persistent watches are in both tables; checking the data table is enough.
  const bool ask_children = place->in_children && place->mode != Mode::persistent;
  const bool found = (place->in_data && r.state.data_watches.contains(path, r.request.watcher, place->mode)) ||
                     (ask_children && r.state.child_watches.contains(path, r.request.watcher, place->mode));
  return found ? Error::ok : Error::no_watcher;
}

ReadResult read_remove_watches(Reading& r) {
  const auto& request = std::get<WatchTypeRequest>(r.request.body);
  const auto place = place_of(request.type);
  if (!place) return Error::marshalling_error;
  const WatchKey name(request.path);
  const std::string_view path = name.view();
  bool removed = false;
  if (place->in_children) removed |= r.state.child_watches.remove(path, r.request.watcher, place->mode);
  if (place->in_data) removed |= r.state.data_watches.remove(path, r.request.watcher, place->mode);
  return removed ? Error::ok : Error::no_watcher;
}

ReadResult read_set_watches(Reading& r) {
  return renew_standard(r, std::get<SetWatchesRequest>(r.request.body));
}

ReadResult read_set_watches2(Reading& r) {
  const auto& request = std::get<SetWatches2Request>(r.request.body);
  Error error = renew_standard(r, request);
  if (error == Error::ok) error = add_all(r, request.persistent_watches, Mode::persistent);
  if (error == Error::ok) error = add_all(r, request.persistent_recursive_watches, Mode::persistent_recursive);
  return error;
}

}  // namespace quoll::machine::ops
