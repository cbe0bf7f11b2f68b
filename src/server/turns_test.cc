// Turns end by time as well as by bytes: requests that look cheap but take long do not delay other clients.
#include "server/test_support.h"

namespace quoll::server {
namespace {

// Each request takes about a millisecond: the server reads the clock once while it answers one.
constexpr std::int64_t kSlowUs = 1000;
constexpr int kManyRequests = 400;

// The largest number of replies sent to a client in one event.
class MostAtOnce {
 public:
  MostAtOnce(ServerWorld& s, const sim::Client& client) : s_(s), client_(client), before_(sent()) {
    s.world.after_step = [this] {
      most_ = std::max(most_, sent() - before_);
      before_ = sent();
    };
  }
  ~MostAtOnce() { s_.world.after_step = nullptr; }
  MostAtOnce(const MostAtOnce&) = delete;
  MostAtOnce& operator=(const MostAtOnce&) = delete;
  [[nodiscard]] std::int64_t count() const { return most_; }

 private:
  std::int64_t sent() const {
    return s_.server->connections().of_session(SessionId{client_.session()})->stats.packets_sent;
  }
  ServerWorld& s_;
  const sim::Client& client_;
  std::int64_t before_;
  std::int64_t most_ = 0;
};

TEST(Turns, a_turn_ends_by_time_even_if_requests_and_replies_are_short) {
  ServerWorld s;
  s.world.network.latency_us_min = s.world.network.latency_us_max = 100;
  ASSERT_TRUE(s.start());
  sim::Client& greedy = s.connected(60000);
  sim::Client& other = s.connected(60000);
  ASSERT_EQ(greedy.create("/n"), Error::ok);
  s.world.clock.us_per_question = kSlowUs;
  std::int32_t last = 0;
  for (int i = 0; i < kManyRequests; ++i) last = greedy.send(OpCode::get_all_children_number, PathRequest{"/n"});
  const MostAtOnce most(s, greedy);
  const std::int32_t only = other.send(OpCode::get_data, WatchedReadRequest{"/n", false});
  ASSERT_NE(other.wait(only), nullptr);
  ASSERT_NE(greedy.wait(last), nullptr);
  EXPECT_LT(most.count(), 20);
}

TEST(Turns, queued_reads_take_turns_too_and_stay_in_order) {
  ServerWorld s;
  s.world.network.latency_us_min = s.world.network.latency_us_max = 100;
  ASSERT_TRUE(s.start());
  sim::Client& greedy = s.connected(60000);
  sim::Client& other = s.connected(60000);
  ASSERT_EQ(greedy.create("/n"), Error::ok);
  s.world.workers.hang();
  const std::int32_t first = greedy.send(OpCode::set_data, SetDataRequest{"/n", "1", -1});
  std::int32_t last = first;
  for (int i = 0; i < kManyRequests; ++i) last = greedy.send(OpCode::get_all_children_number, PathRequest{"/n"});
  s.world.run_for(100);
  s.world.clock.us_per_question = kSlowUs;
  const std::int32_t only = other.send(OpCode::get_data, WatchedReadRequest{"/n", false});
  const MostAtOnce most(s, greedy);
  s.world.workers.go_on();
  ASSERT_NE(other.wait(only), nullptr);
  ASSERT_NE(greedy.wait(last), nullptr);
  EXPECT_LT(most.count(), 20);
  std::int32_t xid = first - 1;
  for (const sim::Arrival& arrival : greedy.arrivals()) {
    if (arrival.kind != sim::Arrival::reply || arrival.xid < first) continue;
    EXPECT_EQ(arrival.xid, ++xid);
  }
  EXPECT_EQ(xid, last);
}

TEST(Turns, a_read_between_two_writes_sees_only_the_first_however_long_it_waits) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  ASSERT_EQ(client.create("/n", "0"), Error::ok);
  s.world.clock.us_per_question = kSlowUs;
  std::vector<std::pair<std::int32_t, int>> reads;
  std::int32_t last = 0;
  for (int i = 1; i <= 20; ++i) {
    client.send(OpCode::set_data, SetDataRequest{"/n", std::to_string(i), -1});
    for (int j = 0; j < 20; ++j)
      reads.emplace_back(last = client.send(OpCode::get_data, WatchedReadRequest{"/n", false}), i);
  }
  ASSERT_NE(client.wait(last), nullptr);
  for (const auto& [xid, value] : reads)
    EXPECT_EQ(client.reply(xid)->as<DataReply>().data.view(), std::to_string(value));
}

TEST(Turns, requests_leaving_the_throttle_take_turns_too) {
  ServerWorld s;
  s.options.throttles.requests_max = 1;
  s.world.network.latency_us_min = s.world.network.latency_us_max = 100;
  ASSERT_TRUE(s.start());
  sim::Client& writer = s.connected(60000);
  sim::Client& reader = s.connected(60000);
  ASSERT_EQ(writer.create("/n"), Error::ok);
  s.world.workers.hang();
  writer.send(OpCode::set_data, SetDataRequest{"/n", "1", -1});
  s.world.run_for(10);
  std::int32_t last = 0;
  for (int i = 0; i < kManyRequests; ++i) last = reader.send(OpCode::get_all_children_number, PathRequest{"/n"});
  s.world.run_for(100);
  ASSERT_EQ(s.server->throttle().waiting(), std::size_t{kManyRequests});
  s.world.clock.us_per_question = kSlowUs;
  // Only a few proceed between two events.
  std::size_t before = s.server->throttle().waiting();
  std::size_t most = 0;
  s.world.after_step = [&] {
    const std::size_t now = s.server->throttle().waiting();
    if (now < before) most = std::max(most, before - now);
    before = now;
  };
  s.world.workers.go_on();
  ASSERT_NE(reader.wait(last), nullptr);
  EXPECT_LT(most, 30U);
}

TEST(Turns, bytes_of_one_connections_throttled_requests_are_limited) {
  ServerWorld s;
  s.options.throttles.requests_max = 1;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  ASSERT_EQ(client.create("/n"), Error::ok);
  s.world.workers.hang();
  std::int32_t last = 0;
  for (int i = 0; i < 40; ++i)
    last = client.send(OpCode::set_data, SetDataRequest{"/n", std::string(900'000, 'x'), -1});
  s.world.run_for(1000);
  EXPECT_LE(s.server->throttle().waiting(), 11U);
  EXPECT_GE(s.server->throttle().waiting(), 9U);
  s.world.workers.go_on();
  ASSERT_NE(client.wait(last), nullptr);
}

TEST(Turns, transactions_of_one_flush_are_applied_in_several_events) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  s.world.workers.hang();
  std::int32_t last = 0;
  for (int i = 0; i < kManyRequests; ++i)
    last = client.send(OpCode::create, CreateRequest{fmt::format("/n{}", i), "", sim::open_acl(), 0});
  s.world.run_for(100);
  s.world.clock.us_per_question = kSlowUs;
  std::int64_t before = s.server->core().zxid();
  std::int64_t most = 0;
  s.world.after_step = [&] {
    most = std::max(most, s.server->core().zxid() - before);
    before = s.server->core().zxid();
  };
  s.world.workers.go_on();
  ASSERT_NE(client.wait(last), nullptr);
  EXPECT_LT(most, 30);
}

TEST(Turns, bytes_of_one_connections_requests_waiting_for_the_disk_are_limited) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& greedy = s.connected(60000);
  sim::Client& other = s.connected(60000);
  const std::string much(900'000, 'x');
  ASSERT_EQ(greedy.create("/n"), Error::ok);
  s.world.workers.hang();
  std::int32_t last = 0;
  for (int i = 0; i < 40; ++i) last = greedy.send(OpCode::set_data, SetDataRequest{"/n", much, -1});
  s.world.run_for(1000);
  EXPECT_LE(s.server->requests().bytes(), s.options.limits.waiting_bytes_max + 1'000'000);
  EXPECT_GE(s.server->requests().bytes(), s.options.limits.waiting_bytes_max);
  EXPECT_EQ(other.get("/n"), "") << "other connections are read";
  s.world.workers.go_on();
  ASSERT_NE(greedy.wait(last), nullptr);
}

TEST(Turns, replies_to_queued_reads_are_limited_and_all_reads_are_answered) {
  ServerWorld s;
  ASSERT_TRUE(s.start());
  sim::Client& client = s.connected(60000);
  ASSERT_EQ(client.create("/n", std::string(100'000, 'x')), Error::ok);
  s.world.workers.hang();
  std::int32_t last = client.send(OpCode::set_data, SetDataRequest{"/n", std::string(100'000, 'y'), -1});
  for (int i = 0; i < 500; ++i) last = client.send(OpCode::get_data, WatchedReadRequest{"/n", false});
  s.world.run_for(1000);
  EXPECT_LT(s.server->requests().in_progress(), 15);
  s.world.workers.go_on();
  ASSERT_NE(client.wait(last), nullptr);
  EXPECT_EQ(client.reply(last)->as<DataReply>().data.view().front(), 'y');
}

}  // namespace
}  // namespace quoll::server
