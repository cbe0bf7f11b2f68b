#include "wire/client_frames.h"

#include "wire/frame.h"

namespace quoll::wire {

namespace {

template <typename T>
std::expected<RequestBody, BodyError> decode_as(Reader& reader) {
  T body;
  reader.get(body);
  if (!reader.ok()) return std::unexpected(BodyError::malformed);
  return body;
}

// The kind of create that Apache's Op.create makes of an opcode and its flags. nullopt: the whole multi is malformed.
std::optional<OpCode> create_kind(OpCode type, std::int32_t flags) {
  const bool is_ttl = flags == 5 || flags == 6;
  if (type == OpCode::create_ttl)
    return is_ttl ? OpCode::create_ttl : flags == 4 ? OpCode::create_container : OpCode::create;
  if (is_ttl || flags < 0 || flags > 6) return std::nullopt;
  return flags == 4 ? OpCode::create_container : type;
}

// Apache's Op accepts bad flags and a null ACL list for createTTL and reports them during prepare. For other creates
// they are decoding errors.
template <typename T>
std::optional<BodyError> append_create(OpCode type, Reader& reader, MultiRequest& multi) {
  T body;
  reader.get(body);
  if (!reader.ok()) return BodyError::malformed;
  const bool is_known = body.flags >= 0 && body.flags <= 6;
  if (type != OpCode::create_ttl && is_known && !body.acl) return BodyError::broken;
  const auto op = create_kind(type, body.flags);
  if (!op) return BodyError::malformed;
  SubRequest sub{.op = *op, .body = {}};
  if (*op == OpCode::create_ttl) {
    CreateTtlRequest request{body.path, body.data, std::move(body.acl), body.flags, -1};
    if constexpr (requires { body.ttl_ms; }) request.ttl_ms = body.ttl_ms;
    sub.body = std::move(request);
  } else {
    sub.body = CreateRequest{body.path, body.data, std::move(body.acl), body.flags};
  }
  multi.ops.push_back(std::move(sub));
  return std::nullopt;
}

template <typename T>
std::optional<BodyError> append_op(OpCode type, Reader& reader, MultiRequest& multi) {
  T body;
  reader.get(body);
  multi.ops.push_back(SubRequest{.op = type, .body = body});
  return reader.ok() ? std::nullopt : std::optional(BodyError::malformed);
}

std::optional<BodyError> append_sub(OpCode type, Reader& reader, MultiRequest& multi) {
  switch (type) {
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container:
      return append_create<CreateRequest>(type, reader, multi);
    case OpCode::create_ttl:
      return append_create<CreateTtlRequest>(type, reader, multi);
    case OpCode::remove:
      return append_op<DeleteRequest>(type, reader, multi);
    case OpCode::set_data:
      return append_op<SetDataRequest>(type, reader, multi);
    case OpCode::check:
      return append_op<CheckVersionRequest>(type, reader, multi);
    case OpCode::get_data:
    case OpCode::get_children:
      return append_op<WatchedReadRequest>(type, reader, multi);
    default:
      return BodyError::malformed;
  }
}

bool is_read(OpCode type) {
  return type == OpCode::get_data || type == OpCode::get_children;
}

std::expected<RequestBody, BodyError> decode_multi(Reader& reader) {
  MultiRequest multi;
  MultiHeader header;
  for (reader.get(header); reader.ok() && !header.done; reader.get(header)) {
    const auto type = static_cast<OpCode>(header.type);
    if (const auto error = append_sub(type, reader, multi)) return std::unexpected(*error);
    // One multi contains either reads or writes.
    if (is_read(multi.ops.front().op) != is_read(type)) return std::unexpected(BodyError::malformed);
  }
  if (!reader.ok()) return std::unexpected(BodyError::malformed);
  return multi;
}

// Java decodes this path into a buffer, so a null path fails while decoding.
std::expected<RequestBody, BodyError> decode_delete_container(Reader& reader) {
  auto body = decode_as<DeleteContainerRequest>(reader);
  if (body && std::get<DeleteContainerRequest>(*body).path.is_null()) return std::unexpected(BodyError::malformed);
  return body;
}

// The bytes of the parts that vary in size: data and names.
std::size_t bytes_of(const SubReply& sub) {
  if (const auto* const data = std::get_if<DataReply>(&sub.body)) return data->data.size();
  const auto* const names = std::get_if<NamesReply>(&sub.body);
  std::size_t bytes = 0;
  if (names == nullptr) return bytes;
  for (const std::string_view name : names->names) bytes += 4 + name.size();
  return bytes;
}

// Reserves the space once: growing the string step by step would temporarily take twice as much.
void reserve(const MultiReply& reply, std::string& out) {
  constexpr std::size_t kBytesOfOne = 96;
  constexpr std::size_t kWorthIt = 1024;
  if (reply.results.size() * kBytesOfOne + out.size() < kWorthIt) return;
  std::size_t bytes = out.size();
  for (const SubReply& sub : reply.results) bytes += kBytesOfOne + bytes_of(sub);
  if (bytes > out.capacity()) out.reserve(bytes);
}

void put_multi(const MultiReply& reply, Writer& writer) {
  reserve(reply, writer.out());
  for (const SubReply& sub : reply.results) {
    const auto* error = std::get_if<ErrorReply>(&sub.body);
    writer.put(MultiHeader{static_cast<std::int32_t>(sub.type), false, error != nullptr ? error->err : 0});
    std::visit([&](const auto& body) { writer.put(body); }, sub.body);
  }
  writer.put(MultiHeader{-1, true, -1});
}

}  // namespace

std::optional<ConnectRequest> decode_connect(std::string_view payload) {
  Reader reader(payload);
  ConnectRequest request;
  reader.get(request);
  if (!reader.ok()) return std::nullopt;
  if (reader.remaining() > 0) {
    bool read_only = false;
    reader.get(read_only);
    request.read_only = read_only;
  }
  return request;
}

bool is_client_opcode(OpCode type) {
  switch (type) {
    case OpCode::notification:
    case OpCode::check:
    case OpCode::error:
      return false;
    case OpCode::create:
    case OpCode::remove:
    case OpCode::exists:
    case OpCode::get_data:
    case OpCode::set_data:
    case OpCode::get_acl:
    case OpCode::set_acl:
    case OpCode::get_children:
    case OpCode::sync:
    case OpCode::ping:
    case OpCode::get_children2:
    case OpCode::multi:
    case OpCode::create2:
    case OpCode::reconfig:
    case OpCode::check_watches:
    case OpCode::remove_watches:
    case OpCode::create_container:
    case OpCode::delete_container:
    case OpCode::create_ttl:
    case OpCode::multi_read:
    case OpCode::auth:
    case OpCode::set_watches:
    case OpCode::sasl:
    case OpCode::get_ephemerals:
    case OpCode::get_all_children_number:
    case OpCode::set_watches2:
    case OpCode::add_watch:
    case OpCode::who_am_i:
    case OpCode::create_session:
    case OpCode::close_session:
      return true;
  }
  return false;
}

std::expected<RequestBody, BodyError> decode_body(OpCode type, Reader& reader) {
  switch (type) {
    case OpCode::create:
    case OpCode::create2:
    case OpCode::create_container:
      return decode_as<CreateRequest>(reader);
    case OpCode::create_ttl:
      return decode_as<CreateTtlRequest>(reader);
    case OpCode::remove:
      return decode_as<DeleteRequest>(reader);
    case OpCode::delete_container:
      return decode_delete_container(reader);
    case OpCode::set_data:
      return decode_as<SetDataRequest>(reader);
    case OpCode::set_acl:
      return decode_as<SetAclRequest>(reader);
    case OpCode::reconfig:
      return decode_as<ReconfigRequest>(reader);
    case OpCode::exists:
    case OpCode::get_data:
    case OpCode::get_children:
    case OpCode::get_children2:
      return decode_as<WatchedReadRequest>(reader);
    case OpCode::get_acl:
    case OpCode::sync:
    case OpCode::get_all_children_number:
    case OpCode::get_ephemerals:
      return decode_as<PathRequest>(reader);
    case OpCode::check_watches:
    case OpCode::remove_watches:
    case OpCode::add_watch:
      return decode_as<WatchTypeRequest>(reader);
    case OpCode::set_watches:
      return decode_as<SetWatchesRequest>(reader);
    case OpCode::set_watches2:
      return decode_as<SetWatches2Request>(reader);
    case OpCode::auth:
      return decode_as<AuthRequest>(reader);
    case OpCode::sasl:
      return decode_as<SaslRequest>(reader);
    case OpCode::create_session:
      return decode_as<CreateSessionRequest>(reader);
    case OpCode::multi:
    case OpCode::multi_read:
      return decode_multi(reader);
    case OpCode::ping:
    case OpCode::close_session:
    case OpCode::who_am_i:
      return EmptyRequest{};
    case OpCode::notification:
    case OpCode::check:
    case OpCode::error:
      break;
  }
  return std::unexpected(BodyError::unknown);
}

void append_connect_response(const ConnectResponse& response, std::string& out) {
  Frame frame(out);
  frame.writer().put(response);
  if (response.read_only) frame.writer().put(*response.read_only);
}

void append_reply(const ReplyHeader& header, const ReplyBody* body, std::string& out) {
  Frame frame(out);
  frame.writer().put(header);
  if (body == nullptr) return;
  std::visit(
      [&](const auto& record) {
        if constexpr (std::is_same_v<std::decay_t<decltype(record)>, MultiReply>) {
          put_multi(record, frame.writer());
        } else {
          frame.writer().put(record);
        }
      },
      *body);
}

void append_event(const ReplyHeader& header, const WatcherEvent& event, std::string& out) {
  Frame frame(out);
  frame.writer().put(header);
  frame.writer().put(event);
}

}  // namespace quoll::wire
