#include "machine/reply.h"

namespace quoll::machine {

namespace {

SubReply sub_reply(const ApplyResult& sub) {
  switch (sub.type) {
    case OpCode::check:
      return {OpCode::check, EmptyReply{}};
    case OpCode::create:
      return {OpCode::create, PathReply{sub.path}};
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl:
      return {OpCode::create2, PathStatReply{sub.path, sub.stat.value_or(Stat{})}};
    case OpCode::remove:
    case OpCode::delete_container:
      return {OpCode::remove, EmptyReply{}};
    case OpCode::set_data:
      return {OpCode::set_data, StatReply{sub.stat.value_or(Stat{})}};
    default:
      return {OpCode::error, ErrorReply{static_cast<std::int32_t>(sub.err)}};
  }
}

}  // namespace

std::optional<ReplyBody> reply_to(OpCode op, const ApplyResult& result) {
  switch (op) {
    case OpCode::create:
      return PathReply{result.path};
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl:
      return PathStatReply{result.path, result.stat.value_or(Stat{})};
    case OpCode::set_data:
    case OpCode::set_acl:
      return StatReply{result.stat.value_or(Stat{})};
    case OpCode::multi: {
      MultiReply reply;
      for (const ApplyResult& sub : result.multi) reply.results.push_back(sub_reply(sub));
      return reply;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace quoll::machine
