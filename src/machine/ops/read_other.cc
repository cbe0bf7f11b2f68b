// sync and whoAmI.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

ReadResult read_sync(Reading& r) { return ReplyBody{PathReply{std::get<PathRequest>(r.request.body).path}}; }

ReadResult read_who_am_i(Reading& r) {
  WhoAmIReply reply;
  for (const Id& id : r.request.identities) reply.client_info.push_back({id.scheme, auth::Schemes::user_name(id)});
  return ReplyBody{std::move(reply)};
}

}  // namespace quoll::machine::ops
