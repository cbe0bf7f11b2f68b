// Replies have a maximum size, which is checked while they are built.
#include "server/test_support.h"

namespace quoll::server {
namespace {

constexpr std::size_t kReplyMost = 100'000;

class Replies : public ::testing::Test {
 protected:
  void SetUp() override {
    s.options.rules.reply_bytes_max = kReplyMost;
    ASSERT_TRUE(s.start());
    client = &s.connected(60000);
  }
  // Reads one znode `times` times in one request.
  const sim::Arrival* read_often(std::string_view path, int times, OpCode op = OpCode::get_data) {
    std::vector<SubRequest> parts(static_cast<std::size_t>(times), SubRequest{op, WatchedReadRequest{path, false}});
    return client->wait(client->send_multi(parts, OpCode::multi_read));
  }
  ServerWorld s;
  sim::Client* client = nullptr;
};

TEST_F(Replies, a_multi_read_with_a_too_large_reply_is_refused_and_the_connection_continues) {
  ASSERT_EQ(client->create("/n", std::string(10'000, 'x')), Error::ok);
  EXPECT_EQ(read_often("/n", 8)->err, Error::ok);
  std::size_t most = 0;
  s.world.after_step = [&] {
    s.server->connections().for_each([&](const ClientConnection& each) { most = std::max(most, each.buffer_bytes()); });
  };
  const auto* const refused = read_often("/n", 1000);
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->err, Error::bad_arguments);
  EXPECT_TRUE(refused->body.empty());
  EXPECT_LT(most, 2 * kReplyMost) << "it was refused before it was built";
  EXPECT_EQ(client->get("/n")->size(), 10'000U);
}

TEST_F(Replies, lists_of_children_are_limited_and_set_no_watch_when_refused) {
  ASSERT_EQ(client->create("/p"), Error::ok);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(client->create(fmt::format("/p/{:0900}", i)), Error::ok);
  EXPECT_EQ(client->children("/p", true)->size(), 100U);
  EXPECT_EQ(s.state().child_watches.size(), 1U);
  sim::Client& other = s.connected(60000);
  for (int i = 100; i < 120; ++i) ASSERT_EQ(other.create(fmt::format("/p/{:0900}", i)), Error::ok);
  EXPECT_EQ(s.state().child_watches.size(), 0U);
  for (const OpCode op : {OpCode::get_children, OpCode::get_children2})
    EXPECT_EQ(client->call(op, WatchedReadRequest{"/p", true})->err, Error::bad_arguments);
  EXPECT_EQ(s.state().child_watches.size(), 0U);
  EXPECT_EQ(read_often("/p", 2, OpCode::get_children)->err, Error::bad_arguments);
  EXPECT_EQ(client->call(OpCode::get_all_children_number, PathRequest{"/p"})->as<CountReply>().count, 120);
}

TEST_F(Replies, lists_of_ephemerals_are_limited) {
  const std::string parent = "/" + std::string(1000, 'p');
  ASSERT_EQ(client->create(parent), Error::ok);
  for (int i = 0; i < 30; ++i) ASSERT_EQ(client->create(fmt::format("{}/{}", parent, i), {}, 1), Error::ok);
  EXPECT_EQ(client->call(OpCode::get_ephemerals, PathRequest{"/"})->err, Error::ok);
  for (int i = 30; i < 80; ++i) ASSERT_EQ(client->create(fmt::format("{}/{}", parent, i), {}, 1), Error::ok);
  EXPECT_EQ(client->call(OpCode::get_ephemerals, PathRequest{"/"})->err, Error::bad_arguments);
  EXPECT_EQ(client->call(OpCode::get_ephemerals, PathRequest{parent + "/7"})->err, Error::ok) << "few match";
}

TEST_F(Replies, a_refusal_after_a_write_keeps_the_order) {
  ASSERT_EQ(client->create("/n", std::string(10'000, 'x')), Error::ok);
  const auto write = client->send(OpCode::set_data, SetDataRequest{"/n", std::string(20'000, 'y'), -1});
  const auto read = client->send_multi(
      std::vector<SubRequest>(8, SubRequest{OpCode::get_data, WatchedReadRequest{"/n", false}}), OpCode::multi_read);
  ASSERT_NE(client->wait(read), nullptr);
  EXPECT_EQ(client->reply(write)->err, Error::ok);
  EXPECT_EQ(client->reply(read)->err, Error::bad_arguments);
}

}  // namespace
}  // namespace quoll::server
