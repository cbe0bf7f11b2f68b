// multiRead: several reads in one request, each with its own result.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

// The size of one result beside its data and names: the request and result in memory, the headers and Stat in the
// reply.
constexpr std::size_t kResultBytes = sizeof(SubRequest) + sizeof(SubReply) + 100;

SubReply read_one(Reading& r, const SubRequest& sub) {
  // Watch flags inside a multiRead are ignored.
  const RequestBody body = WatchedReadRequest{std::get<WatchedReadRequest>(sub.body).path, false};
  const Request request{r.request.session, r.request.cxid, sub.op, body, r.request.identities, r.request.watcher};
  Reading reading{request, r.rules, r.schemes, r.state, {}, r.reply_bytes};
  const ReadResult result = sub.op == OpCode::get_data ? read_get_data(reading) : read_get_children(reading);
  r.reply_bytes = reading.reply_bytes;
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
    if (!r.grow(kResultBytes)) return kReplyTooLarge;
    reply.results.push_back(read_one(r, sub));
    // This is not a result of this part alone: all results together are too large.
    if (!r.grow(0)) return kReplyTooLarge;
  }
  return ReplyBody{std::move(reply)};
}

}  // namespace quoll::machine::ops
