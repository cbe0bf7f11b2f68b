// Checks that this room encodes and decodes the example in docs/formats/client-protocol.md byte for byte.
#include <cctype>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

#include "wire/client_frames.h"

namespace quoll::wire {
namespace {

// The bytes of the block below "### `heading`": the pairs of hex digits at the start of each line.
std::string example(std::string_view heading) {
  std::ifstream page(QUOLL_SOURCE_DIR "/docs/formats/client-protocol.md");
  std::string line;
  while (std::getline(page, line) && line != "### " + std::string(heading)) continue;
  while (std::getline(page, line) && line != "```hex") continue;
  std::string bytes;
  while (std::getline(page, line) && line != "```") {
    for (std::size_t at = 0; at + 1 < line.size(); at += 3) {
      const bool is_byte = std::isxdigit(static_cast<unsigned char>(line[at])) &&
                           std::isxdigit(static_cast<unsigned char>(line[at + 1])) &&
                           (at + 2 == line.size() || line[at + 2] == ' ');
      if (!is_byte) break;
      bytes.push_back(static_cast<char>(std::stoi(line.substr(at, 2), nullptr, 16)));
    }
  }
  return bytes;
}

std::string_view payload(const std::string& frame) {
  Reader reader(frame);
  std::int32_t length = 0;
  reader.get(length);
  EXPECT_EQ(static_cast<std::size_t>(length), frame.size() - 4);
  return std::string_view(frame).substr(4);
}

// Encodes a request by its list of fields. The server only decodes requests, so `wire` has no function for this.
template <typename T>
std::string frame_of(const RequestHeader& header, const T& body) {
  std::string out(4, '\0');
  Writer writer(out);
  writer.put(header);
  writer.put(body);
  writer.patch(0, static_cast<std::int32_t>(out.size() - 4));
  return out;
}

template <typename T>
T request_of(const std::string& frame, std::int32_t xid, OpCode type) {
  Reader reader(payload(frame));
  RequestHeader header;
  reader.get(header);
  EXPECT_EQ(header.xid, xid);
  EXPECT_EQ(static_cast<OpCode>(header.type), type);
  const auto body = decode_body(type, reader);
  EXPECT_TRUE(body.has_value());
  EXPECT_EQ(reader.remaining(), 0U);
  return std::get<T>(*body);
}

TEST(ProtocolExample, connect_request) {
  const std::string frame = example("ConnectRequest");
  const auto request = decode_connect(payload(frame));
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->protocol_version, 0);
  EXPECT_EQ(request->last_zxid_seen, 0);
  EXPECT_EQ(request->timeout_ms, 10000);
  EXPECT_EQ(request->session_id, 0);
  EXPECT_EQ(request->password.view(), std::string(16, '\0'));
  EXPECT_EQ(request->read_only, false);
}

TEST(ProtocolExample, connect_response) {
  const std::string frame = example("ConnectResponse");
  const std::string password = frame.substr(24, 16);
  std::string out;
  append_connect_response(ConnectResponse{0, 10000, 0x0132af41f8db0000, password, false}, out);
  EXPECT_EQ(out, frame);
}

TEST(ProtocolExample, create) {
  const std::string frame = example("CreateRequest");
  const auto request = request_of<CreateRequest>(frame, 1, OpCode::create);
  EXPECT_EQ(request.path.view(), "/greeting");
  EXPECT_EQ(request.data.view(), "hello");
  ASSERT_EQ(request.acl->size(), 1U);
  EXPECT_EQ(request.acl->front().perms, 31);
  EXPECT_EQ(request.acl->front().scheme.view(), "world");
  EXPECT_EQ(request.acl->front().id.view(), "anyone");
  EXPECT_EQ(request.flags, 0);
  EXPECT_EQ(frame_of(RequestHeader{1, 1}, request), frame);

  const ReplyBody reply = PathReply{"/greeting"};
  std::string out;
  append_reply(ReplyHeader{1, 2, 0}, &reply, out);
  EXPECT_EQ(out, example("CreateReply"));
}

TEST(ProtocolExample, get_data_with_a_watch) {
  const std::string frame = example("GetDataRequest");
  Reader reader(payload(frame));
  RequestHeader header;
  reader.get(header);
  EXPECT_EQ(static_cast<OpCode>(header.type), OpCode::get_data);
  base::NullableView path;
  bool watch = false;
  reader.get(path);
  reader.get(watch);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_EQ(path.view(), "/greeting");
  EXPECT_TRUE(watch);
  Reader again(payload(frame));
  again.get(header);
  EXPECT_TRUE(decode_body(OpCode::get_data, again).has_value());

  constexpr std::int64_t kTimeMs = 0x01a20da8e50e;
  const ReplyBody reply = DataReply{"hello", Stat{2, 2, kTimeMs, kTimeMs, 0, 0, 0, 0, 5, 0, 2}};
  std::string out;
  append_reply(ReplyHeader{2, 2, 0}, &reply, out);
  EXPECT_EQ(out, example("GetDataReply"));
}

TEST(ProtocolExample, watch_event) {
  std::string out;
  append_event(ReplyHeader{-1, 4, 0}, WatcherEvent{3, 3, "/greeting"}, out);
  EXPECT_EQ(out, example("WatcherEvent"));
}

}  // namespace
}  // namespace quoll::wire
