// multiRead: several reads in one request, each with its own result.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

SubReply read_one(Reading& r, const SubRequest& sub) {
  // Watch flags inside a multiRead are not looked at.
  const RequestBody body = WatchedReadRequest{std::get<WatchedReadRequest>(sub.body).path, false};
  const Request request{r.request.session, r.request.cxid, sub.op, body, r.request.identities, r.request.watcher};
  Reading reading{request, r.rules, r.schemes, r.state, {}};
  const ReadResult result = sub.op == OpCode::get_data ? read_get_data(reading) : read_get_children(reading);
  if (result.err != Error::ok) return {OpCode::error, ErrorReply{static_cast<std::int32_t>(result.err)}};
  if (sub.op == OpCode::get_data) return {sub.op, std::get<DataReply>(*result.body)};
  return {sub.op, std::get<NamesReply>(*result.body)};
}

}  // namespace

ReadResult read_multi_read(Reading& r) {
  MultiReply reply;
  for (const SubRequest& sub : std::get<MultiRequest>(r.request.body).ops) {
    const bool is_read = sub.op == OpCode::get_data || sub.op == OpCode::get_children;
    if (!is_read || std::get<WatchedReadRequest>(sub.body).path.is_null())
      return {Error::marshalling_error, std::move(reply)};
    reply.results.push_back(read_one(r, sub));
  }
  return ReplyBody{std::move(reply)};
}

}  // namespace quoll::machine::ops
