// What a client writes the server's decoder reads, and the other way round.
#include "wire/client_side_frames.h"

#include <gtest/gtest.h>

#include "wire/client_frames.h"

namespace quoll::wire {
namespace {

std::string_view payload(std::string_view frame) {
  return frame.substr(4);
}

TEST(ClientSideFrames, the_server_reads_the_connect_request_that_a_client_writes) {
  std::string out;
  append_connect_request({0, 7, 30000, 5, "0123456789abcdef", true}, out);
  const auto read = decode_connect(payload(out));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->last_zxid_seen, 7);
  EXPECT_EQ(read->session_id, 5);
  EXPECT_EQ(read->password.view(), "0123456789abcdef");
  EXPECT_EQ(read->read_only, true);
}

TEST(ClientSideFrames, the_server_reads_the_multi_that_a_client_writes) {
  MultiRequest multi;
  multi.ops.push_back({OpCode::create_ttl, CreateTtlRequest{"/a", "x", std::vector<AclView>{}, 5, 99}});
  multi.ops.push_back({OpCode::check, CheckVersionRequest{"/b", 3}});
  std::string out;
  append_request({12, static_cast<std::int32_t>(OpCode::multi)}, multi, out);
  Reader reader(payload(out));
  RequestHeader header;
  reader.get(header);
  EXPECT_EQ(header.xid, 12);
  const auto read = decode_body(OpCode::multi, reader);
  ASSERT_TRUE(read);
  const auto& ops = std::get<MultiRequest>(*read).ops;
  ASSERT_EQ(ops.size(), 2U);
  EXPECT_EQ(std::get<CreateTtlRequest>(ops[0].body).ttl_ms, 99);
  EXPECT_EQ(std::get<CheckVersionRequest>(ops[1].body).version, 3);
}

TEST(ClientSideFrames, a_client_reads_the_multi_reply_that_the_server_writes) {
  MultiReply multi;
  multi.results.push_back({OpCode::create, PathReply{"/a"}});
  multi.results.push_back({OpCode::set_data, StatReply{Stat{.version = 4}}});
  multi.results.push_back({OpCode::error, ErrorReply{-101}});
  const ReplyBody body = multi;
  std::string out;
  append_reply({1, 2, 0}, &body, out);
  Reader reader(payload(out));
  ReplyHeader header;
  reader.get(header);
  const auto read = decode_reply_body(OpCode::multi, reader);
  ASSERT_TRUE(read);
  const auto& results = std::get<MultiReply>(*read).results;
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(std::get<PathReply>(results[0].body).path.view(), "/a");
  EXPECT_EQ(std::get<StatReply>(results[1].body).stat.version, 4);
  EXPECT_EQ(std::get<ErrorReply>(results[2].body).err, -101);
}

TEST(ClientSideFrames, every_cut_of_a_reply_is_refused) {
  MultiReply multi;
  multi.results.push_back({OpCode::get_data, DataReply{"data", Stat{}}});
  multi.results.push_back({OpCode::get_children, NamesReply{{"a", "b"}}});
  const ReplyBody body = multi;
  std::string out;
  append_reply({1, 2, 0}, &body, out);
  const std::string_view whole = payload(out).substr(16);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Reader reader(whole.substr(0, length));
    EXPECT_FALSE(decode_reply_body(OpCode::multi_read, reader)) << length;
  }
  Reader reader(whole);
  EXPECT_TRUE(decode_reply_body(OpCode::multi_read, reader));
}

}  // namespace
}  // namespace quoll::wire
