// Invalid bytes from a client: they are answered or the connection is closed, and other clients are not affected.
#include "server/test_support.h"

namespace quoll::server {
namespace {

std::string frame_of_length(std::int32_t length, std::size_t bytes) {
  std::string frame;
  wire::Writer(frame).put(length);
  return frame + std::string(bytes, '\0');
}

template <wire::Record T>
std::string body_of(const T& record) {
  std::string body;
  wire::Writer(body).put(record);
  return body;
}

std::string multi_body(OpCode op, std::string sub) {
  return body_of(MultiHeader{static_cast<std::int32_t>(op), false, -1}) + sub + body_of(MultiHeader{-1, true, -1});
}

std::vector<std::pair<OpCode, std::string>> good_bodies() {
  const AclViews acl = sim::open_acl();
  const Paths paths = std::vector<NullableView>{"/a", "/b"};
  return {
      {OpCode::create, body_of(CreateRequest{"/f", "data", acl, 0})},
      {OpCode::create2, body_of(CreateRequest{"/g", "data", acl, 0})},
      {OpCode::create_container, body_of(CreateRequest{"/h", "data", acl, 4})},
      {OpCode::create_ttl, body_of(CreateTtlRequest{"/i", "data", acl, 5, 1000})},
      {OpCode::remove, body_of(DeleteRequest{"/f", -1})},
      {OpCode::delete_container, body_of(DeleteContainerRequest{"/f"})},
      {OpCode::set_data, body_of(SetDataRequest{"/f", "data", -1})},
      {OpCode::set_acl, body_of(SetAclRequest{"/f", acl, -1})},
      {OpCode::check, body_of(CheckVersionRequest{"/f", -1})},
      {OpCode::reconfig, body_of(ReconfigRequest{"a", "b", "c", -1})},
      {OpCode::exists, body_of(WatchedReadRequest{"/f", true})},
      {OpCode::get_data, body_of(WatchedReadRequest{"/f", true})},
      {OpCode::get_children, body_of(WatchedReadRequest{"/f", true})},
      {OpCode::get_children2, body_of(WatchedReadRequest{"/f", true})},
      {OpCode::get_acl, body_of(PathRequest{"/f"})},
      {OpCode::sync, body_of(PathRequest{"/f"})},
      {OpCode::get_ephemerals, body_of(PathRequest{"/f"})},
      {OpCode::get_all_children_number, body_of(PathRequest{"/f"})},
      {OpCode::check_watches, body_of(WatchTypeRequest{"/f", 1})},
      {OpCode::remove_watches, body_of(WatchTypeRequest{"/f", 1})},
      {OpCode::add_watch, body_of(WatchTypeRequest{"/f", 1})},
      {OpCode::set_watches, body_of(SetWatchesRequest{0, paths, paths, paths})},
      {OpCode::set_watches2, body_of(SetWatches2Request{0, paths, paths, paths, paths, paths})},
      {OpCode::auth, body_of(AuthRequest{0, "digest", "u:p"})},
      {OpCode::sasl, body_of(SaslRequest{"token"})},
      {OpCode::multi, multi_body(OpCode::create, body_of(CreateRequest{"/m", "data", acl, 0}))},
      {OpCode::multi_read, multi_body(OpCode::get_data, body_of(WatchedReadRequest{"/f", false}))},
      {OpCode::who_am_i, ""},
      {OpCode::create_session, body_of(CreateSessionRequest{10000})},
      {OpCode::close_session, ""},
  };
}

class Frames : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(s.start());
    good = &s.connected(60000);
  }
  // A createSession inside a session is answered like the connect request, as in Apache's server.
  static bool is_dealt_with(const sim::Client& client, OpCode op, std::int32_t xid) {
    return client.is_closed() || client.reply(xid) != nullptr ||
           (op == OpCode::create_session && client.arrivals().size() > 1);
  }
  // The server works and the other client is not affected.
  void expect_well() {
    ++made_;
    ASSERT_EQ(good->create(fmt::format("/well{}", made_)), Error::ok);
    s.state().tree.check_invariants();
  }
  ServerWorld s;
  sim::Client* good = nullptr;
  int made_ = 0;
};

TEST_F(Frames, a_first_frame_of_any_bad_length_closes_the_connection) {
  for (const std::int32_t length : {0, 4, 7, 27, -1, INT32_MIN, 0x100000, INT32_MAX}) {
    sim::Client& client = s.client();
    client.dial();
    client.send_raw(frame_of_length(length, 64));
    s.world.run_for(100);
    EXPECT_TRUE(client.is_closed()) << length;
    EXPECT_TRUE(client.arrivals().empty()) << length;
  }
  expect_well();
}

TEST_F(Frames, a_sasl_token_that_is_null_closes_the_connection) {
  sim::Client& client = s.connected();
  client.send(OpCode::sasl, SaslRequest{});
  s.world.run_for(100);
  EXPECT_TRUE(client.is_closed());
  expect_well();
}

TEST_F(Frames, a_missed_event_names_its_path_as_javas_jute_writes_it) {
  const std::vector<base::NullableView> paths{"/\xf0\x9f\x98\x80", "/\xff"};
  const std::vector<base::NullableView> none;
  sim::Client& client = s.connected();
  client.call(OpCode::set_watches, SetWatchesRequest{0, paths, none, none});
  const auto events = client.events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].path, "/\xed\xa0\xbd\xed\xb8\x80");
  EXPECT_EQ(events[1].path, "/\xef\xbf\xbd");
}

TEST_F(Frames, a_later_frame_of_any_bad_length_closes_the_connection) {
  for (const std::int32_t length : {0, 4, 7, -1, INT32_MIN, 0x100000, INT32_MAX}) {
    sim::Client& client = s.connected();
    client.send_raw(frame_of_length(length, 64));
    s.world.run_for(100);
    EXPECT_TRUE(client.is_closed()) << length;
  }
  expect_well();
}

TEST_F(Frames, a_bad_frame_logs_one_line_with_client_length_and_guessed_protocol) {
  struct Row {
    std::string bytes;
    std::string said;
  };
  for (const Row& row :
       {Row{"GET / HTTP/1.1\r\n\r\n", "This is HTTP"}, Row{"POST /x HTTP/1.1\r\n", "This is HTTP"},
        Row{std::string("\x16\x03\x01\x02\x00\x01", 6), "This is TLS"},
        Row{frame_of_length(0x100000, 4), "It is too long or malformed"},
        Row{frame_of_length(-1, 4), "frame has a length of -1 bytes; jute.maxbuffer allows 1048575"}}) {
    sim::Client& client = s.client("10.0.0.77");
    client.dial();
    const std::size_t lines = s.world.log.lines().size();
    client.send_raw(row.bytes);
    s.world.run_for(100);
    EXPECT_TRUE(client.is_closed());
    ASSERT_EQ(s.world.log.lines().size(), lines + 1) << row.said;
    const std::string& line = s.world.log.lines().back();
    EXPECT_TRUE(line.contains("Len error: closing the connection of 10.0.0.77:")) << line;
    EXPECT_TRUE(line.contains("(session 0x0)")) << line;
    EXPECT_TRUE(line.contains(row.said)) << line;
  }
  // The same after requests of a session.
  sim::Client& client = s.connected();
  client.send_raw(frame_of_length(INT32_MAX, 4));
  s.world.run_for(100);
  EXPECT_FALSE(s.world.log.lines().back().contains("(session 0x0)")) << s.world.log.lines().back();
  expect_well();
}

TEST_F(Frames, replies_before_a_bad_frame_are_sent) {
  const std::string request =
      body_of(RequestHeader{77, static_cast<std::int32_t>(OpCode::exists)}) + body_of(WatchedReadRequest{"/", false});
  for (const std::int32_t length : {0, -1, INT32_MAX}) {
    sim::Client& client = s.connected();
    std::string bytes;
    wire::Writer(bytes).put(std::string_view(request));
    client.send_raw(bytes + frame_of_length(length, 64));
    s.world.run_for(100);
    EXPECT_NE(client.reply(77), nullptr) << length;
    EXPECT_TRUE(client.is_closed()) << length;
  }
  expect_well();
}

TEST_F(Frames, the_longest_frame_is_accepted) {
  // The data fills jute.maxbuffer, minus the rest of the request.
  const std::size_t around = 8 + body_of(SetDataRequest{"/big", "", -1}).size();
  ASSERT_EQ(good->create("/big"), Error::ok);
  EXPECT_EQ(good->set("/big", std::string(0xfffff - around, 'x')), Error::ok);
  sim::Client& client = s.connected();
  EXPECT_EQ(client.set("/big", std::string(0x100000 - around, 'x')), Error::connection_loss);
  // The transaction is longer than the request, and must be readable after a restart.
  s.kill();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.data_of("/big").size(), 0xfffff - around);
}

TEST_F(Frames, a_truncated_body_is_answered_or_closes_the_connection) {
  for (const auto& [op, body] : good_bodies()) {
    for (std::size_t bytes = 0; bytes <= body.size(); ++bytes) {
      sim::Client& client = s.connected();
      const auto xid = client.send_body(op, std::string_view(body).substr(0, bytes));
      s.world.run_for(30);
      EXPECT_TRUE(is_dealt_with(client, op, xid)) << static_cast<int>(op) << " cut to " << bytes;
      client.drop();
      s.world.run_for(5);
      ASSERT_FALSE(s.fatal);
    }
    expect_well();
  }
}

TEST_F(Frames, a_malformed_create_session_takes_a_zxid_and_stops_nothing) {
  sim::Client& client = s.connected();
  const Zxid before = s.state().last_processed;
  const auto xid = client.send_body(OpCode::create_session, std::string(3, '\0'));
  s.world.run_for(30);
  const auto* reply = client.reply(xid);
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(reply->err, Error::marshalling_error);
  EXPECT_EQ(s.state().last_processed.value(), before.value() + 1);
  EXPECT_EQ(client.create("/after"), Error::ok);
  expect_well();
}

TEST_F(Frames, bodies_with_random_byte_changes_do_no_harm) {
  base::Prng chance(77);
  const auto bodies = good_bodies();
  for (int i = 0; i < 2000; ++i) {
    auto [op, body] = bodies[chance.below(bodies.size())];
    for (std::uint64_t n = chance.below(4); n > 0 && !body.empty(); --n)
      body[chance.below(body.size())] = static_cast<char>(chance.next());
    sim::Client& client = s.connected();
    const auto xid = client.send_body(op, body);
    s.world.run_for(30);
    EXPECT_TRUE(is_dealt_with(client, op, xid)) << static_cast<int>(op);
    client.drop();
    good->ping();
    s.world.run_for(5);
  }
  expect_well();
  EXPECT_EQ(s.state().digest_mismatches, 0U);
  const std::int64_t digest = s.digest();
  s.kill();
  ASSERT_TRUE(s.start());
  EXPECT_EQ(s.digest(), digest);
}

TEST_F(Frames, a_truncated_connect_request_closes_the_connection) {
  const std::string whole = body_of(ConnectRequest{0, 0, 30000, 0, std::string_view("0123456789abcdef"), {}});
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    sim::Client& client = s.client();
    client.dial();
    std::string frame;
    wire::Writer(frame).put(static_cast<std::int32_t>(bytes));
    client.send_raw(frame + whole.substr(0, bytes));
    s.world.run_for(30);
    EXPECT_TRUE(client.is_closed()) << bytes;
  }
  expect_well();
}

}  // namespace
}  // namespace quoll::server
