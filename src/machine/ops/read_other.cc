// sync and whoAmI.
#include <algorithm>

#include "base/utf8.h"
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

// Replies with the path as Java decodes and encodes it.
ReadResult read_sync(Reading& r) {
  const base::NullableView path = std::get<PathRequest>(r.request.body).path;
  if (path.is_null() || std::all_of(path.view().begin(), path.view().end(), [](char c) { return c >= 0; }))
    return ReplyBody{PathReply{path}};
  return ReplyBody{StringReply{base::java_round_trip(path.view())}};
}

ReadResult read_who_am_i(Reading& r) {
  WhoAmIReply reply;
  for (const Id& id : r.request.identities) reply.client_info.push_back({id.scheme, auth::Schemes::user_name(id)});
  return ReplyBody{std::move(reply)};
}

}  // namespace quoll::machine::ops
