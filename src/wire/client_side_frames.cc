#include "wire/client_side_frames.h"

#include "wire/frame.h"

namespace quoll::wire {

namespace {

template <typename T>
std::optional<ReplyBody> decode_reply_as(Reader& reader) {
  T body;
  reader.get(body);
  if (!reader.ok()) return std::nullopt;
  return body;
}

template <typename T>
bool append_result(OpCode type, Reader& reader, MultiReply& multi) {
  T body;
  reader.get(body);
  multi.results.push_back(SubReply{.type = type, .body = std::move(body)});
  return reader.ok();
}

bool append_sub_reply(OpCode type, Reader& reader, MultiReply& multi) {
  switch (type) {
    case OpCode::create:
      return append_result<PathReply>(type, reader, multi);
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl:
      return append_result<PathStatReply>(type, reader, multi);
    case OpCode::remove:
    case OpCode::check:
      return append_result<EmptyReply>(type, reader, multi);
    case OpCode::set_data:
      return append_result<StatReply>(type, reader, multi);
    case OpCode::get_data:
      return append_result<DataReply>(type, reader, multi);
    case OpCode::get_children:
      return append_result<NamesReply>(type, reader, multi);
    case OpCode::error:
      return append_result<ErrorReply>(type, reader, multi);
    default:
      return false;
  }
}

std::optional<ReplyBody> decode_multi_reply(Reader& reader) {
  MultiReply multi;
  MultiHeader header;
  for (reader.get(header); reader.ok() && !header.done; reader.get(header)) {
    if (!append_sub_reply(static_cast<OpCode>(header.type), reader, multi)) return std::nullopt;
  }
  if (!reader.ok()) return std::nullopt;
  return multi;
}

void put_multi_request(const MultiRequest& multi, Writer& writer) {
  for (const SubRequest& sub : multi.ops) {
    writer.put(MultiHeader{static_cast<std::int32_t>(sub.op), false, -1});
    std::visit([&](const auto& body) { writer.put(body); }, sub.body);
  }
  writer.put(MultiHeader{-1, true, -1});
}

}  // namespace

void append_connect_request(const ConnectRequest& request, std::string& out) {
  Frame frame(out);
  frame.writer().put(request);
  if (request.read_only) frame.writer().put(*request.read_only);
}

void append_request(const RequestHeader& header, const RequestBody& body, std::string& out) {
  Frame frame(out);
  frame.writer().put(header);
  std::visit(
      [&](const auto& record) {
        if constexpr (std::is_same_v<std::decay_t<decltype(record)>, MultiRequest>) {
          put_multi_request(record, frame.writer());
        } else {
          frame.writer().put(record);
        }
      },
      body);
}

std::optional<ConnectResponse> decode_connect_response(std::string_view payload) {
  Reader reader(payload);
  ConnectResponse response;
  reader.get(response);
  if (!reader.ok()) return std::nullopt;
  if (reader.remaining() > 0) {
    bool read_only = false;
    reader.get(read_only);
    response.read_only = read_only;
  }
  return response;
}

std::optional<ReplyBody> decode_reply_body(OpCode type, Reader& reader) {
  switch (type) {
    case OpCode::create:
    case OpCode::sync:
      return decode_reply_as<PathReply>(reader);
    case OpCode::create2:
    case OpCode::create_container:
    case OpCode::create_ttl:
      return decode_reply_as<PathStatReply>(reader);
    case OpCode::exists:
    case OpCode::set_data:
    case OpCode::set_acl:
      return decode_reply_as<StatReply>(reader);
    case OpCode::get_data:
    case OpCode::reconfig:
      return decode_reply_as<DataReply>(reader);
    case OpCode::get_acl:
      return decode_reply_as<AclReply>(reader);
    case OpCode::get_children:
    case OpCode::get_ephemerals:
      return decode_reply_as<NamesReply>(reader);
    case OpCode::get_children2:
      return decode_reply_as<NamesStatReply>(reader);
    case OpCode::get_all_children_number:
      return decode_reply_as<CountReply>(reader);
    case OpCode::who_am_i:
      return decode_reply_as<WhoAmIReply>(reader);
    case OpCode::sasl:
      return decode_reply_as<SaslReply>(reader);
    case OpCode::multi:
    case OpCode::multi_read:
      return decode_multi_reply(reader);
    case OpCode::add_watch:
    case OpCode::remove:
    case OpCode::delete_container:
    case OpCode::check_watches:
    case OpCode::remove_watches:
    case OpCode::set_watches:
    case OpCode::set_watches2:
    case OpCode::auth:
    case OpCode::ping:
    case OpCode::close_session:
      return EmptyReply{};
    case OpCode::notification:
    case OpCode::check:
    case OpCode::error:
    case OpCode::create_session:
      break;
  }
  return std::nullopt;
}

}  // namespace quoll::wire
