// exists, getData, getACL: reads of one znode.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

// Hides the hashes of digest ids from clients that may not change the ACL (CVE-2019-0201).
AclList masked(AclList acl) {
  for (Acl& entry : acl) {
    const std::size_t colon = entry.id.id.find(':');
    if (entry.id.scheme == "digest" && colon != std::string::npos) entry.id.id = entry.id.id.substr(0, colon) + ":x";
  }
  return acl;
}

}  // namespace

ReadResult read_exists(Reading& r) {
  const auto& request = std::get<WatchedReadRequest>(r.request.body);
  if (request.path.is_null()) return Error::marshalling_error;
  const std::string_view path = request.path.view();
  if (path.find('\0') != std::string_view::npos) return Error::bad_arguments;
  const auto id = readable_node(r, request.path);
  if (!id && id.error() == Error::no_auth) return Error::no_auth;
  // exists sets a watch even if the node does not exist.
  if (request.watch && !set_watch(r, r.state.data_watches, WatchKey(request.path).view(), watch::Mode::standard))
    return kTooManyWatches;
  if (!id) return id.error();
  return ReplyBody{StatReply{r.state.tree.stat_of(*id)}};
}

ReadResult read_get_data(Reading& r) {
  const auto& request = std::get<WatchedReadRequest>(r.request.body);
  const auto id = readable_node(r, request.path);
  if (!id) return id.error();
  if (!r.grow(r.state.tree.node(*id).data_bytes())) return kReplyTooLarge;
  if (request.watch && !set_watch(r, r.state.data_watches, request.path.view(), watch::Mode::standard))
    return kTooManyWatches;
  return ReplyBody{DataReply{r.state.tree.node(*id).data(), r.state.tree.stat_of(*id)}};
}

ReadResult read_get_acl(Reading& r) {
  const auto id = readable_node(r, std::get<PathRequest>(r.request.body).path, perm::kRead | perm::kAdmin);
  if (!id) return id.error();
  const auth::AccessList& acl = r.state.tree.acl_of(*id);
  const bool may_change = r.schemes.allows(acl, perm::kAdmin, r.request.identities);
  return ReplyBody{AclReply{may_change ? acl.entries() : masked(acl.entries()), r.state.tree.stat_of(*id)}};
}

}  // namespace quoll::machine::ops
