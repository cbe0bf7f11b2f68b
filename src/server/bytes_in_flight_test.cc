// Too many bytes in flight: connections that do not read their output wait, then the largest is closed, and other
// clients are not affected.
#include "server/test_support.h"

namespace quoll::server {
namespace {

using sim::Arrival;

constexpr std::int64_t kMost = 300'000;

struct InFlight : ::testing::Test {
  InFlight() {
    s.options.limits.in_flight_bytes_max = kMost;
    s.world.network.window_bytes = 20'000;
  }
  void start() {
    ASSERT_TRUE(s.start());
    s.world.after_step = [this] {
      if (s.server == nullptr) return;
      most = std::max(most, total());
    };
  }
  [[nodiscard]] std::int64_t total() const {
    s.server->core().in_flight.refresh();
    return s.server->core().in_flight.total();
  }
  [[nodiscard]] bool is_connected(const sim::Client& client) const {
    return s.server->connections().of_session(SessionId{client.session()}) != nullptr;
  }
  // Sends requests with large replies and does not read them. Returns the xids.
  std::vector<std::int32_t> ask(sim::Client& client, int count) {
    std::vector<std::int32_t> xids;
    for (int i = 0; i < count; ++i) xids.push_back(client.send(OpCode::get_data, WatchedReadRequest{"/n", false}));
    return xids;
  }
  std::vector<sim::Client*> watching(std::string_view path, int count) {
    std::vector<sim::Client*> watchers;
    for (int i = 0; i < count; ++i) {
      sim::Client& client = s.connected(60000);
      EXPECT_EQ(client.call(OpCode::add_watch, WatchTypeRequest{path, 0})->err, Error::ok);
      watchers.push_back(&client);
    }
    return watchers;
  }
  static void expect_all_in_order(const sim::Client& client, const std::vector<std::int32_t>& xids) {
    std::vector<std::int32_t> heard;
    for (const Arrival& arrival : client.arrivals()) {
      if (arrival.kind != Arrival::reply || arrival.xid < xids.front()) continue;
      EXPECT_EQ(arrival.as<DataReply>().data.size(), 10'000U);
      heard.push_back(arrival.xid);
    }
    EXPECT_EQ(heard, xids);
  }

  ServerWorld s;
  std::int64_t most = 0;
};

TEST_F(InFlight, clients_that_do_not_read_wait_while_others_are_served_and_all_get_every_reply_in_order) {
  start();
  sim::Client& writer = s.connected(60000);
  ASSERT_EQ(writer.create("/n", std::string(10'000, 'x')), Error::ok);
  std::vector<std::pair<sim::Client*, std::vector<std::int32_t>>> slow;
  for (int i = 0; i < 20; ++i) {
    sim::Client& client = s.connected(60000);
    client.stop_reading();
    slow.emplace_back(&client, ask(client, 100));
  }
  s.world.run_for(1000);
  EXPECT_GE(total(), kMost) << "the limit is reached";
  // Above the limit a connection gets one more reply; its further requests stay in its socket.
  EXPECT_LE(most, kMost + 20 * 11'000);
  // A client that reads is served without delay, even if it requests more at once than a socket takes.
  sim::Client& good = s.connected(60000);
  expect_all_in_order(good, [&] {
    const auto xids = ask(good, 100);
    EXPECT_NE(good.wait(xids.back()), nullptr);
    return xids;
  }());
  EXPECT_EQ(good.set("/n", std::string(10'000, 'y')), Error::ok);
  EXPECT_GE(total(), kMost);

  for (auto& [client, xids] : slow) client->resume_reading();
  for (auto& [client, xids] : slow) {
    ASSERT_NE(client->wait(xids.back()), nullptr);
    expect_all_in_order(*client, xids);
  }
  EXPECT_EQ(total(), 0);
}

TEST_F(InFlight, a_client_whose_socket_takes_everything_is_read_without_a_drain_event) {
  s.world.network.window_bytes = 1 << 20;
  start();
  sim::Client& slow = s.connected(60000);
  ASSERT_EQ(slow.create("/n", std::string(10'000, 'x')), Error::ok);
  slow.stop_reading();
  ask(slow, 400);
  s.world.run_for(1000);
  ASSERT_GE(total(), kMost);
  sim::Client& good = s.connected(60000);
  const auto xids = ask(good, 50);
  ASSERT_NE(good.wait(xids.back()), nullptr);
  expect_all_in_order(good, xids);
  EXPECT_GE(total(), kMost) << "all the time";
}

TEST_F(InFlight, unread_events_close_only_the_connection_with_the_most_bytes) {
  start();
  sim::Client& writer = s.connected(60000);
  const std::string deep = "/" + std::string(1000, 'n');
  ASSERT_EQ(writer.create(deep), Error::ok);
  const auto watchers = watching(deep, 5);
  sim::Client& largest = *watchers[2];
  largest.stop_reading();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(writer.set(deep, "x"), Error::ok);
  for (sim::Client* const watcher : watchers) watcher->stop_reading();
  int sets = 0;
  for (; is_connected(largest) && sets < 1000; ++sets) ASSERT_EQ(writer.set(deep, "x"), Error::ok);
  EXPECT_FALSE(is_connected(largest));
  for (const sim::Client* const watcher : watchers) EXPECT_EQ(is_connected(*watcher), watcher != &largest);
  EXPECT_TRUE(is_connected(writer));
  // One event for each watcher may exceed the limit.
  EXPECT_LE(most, 2 * kMost + 5 * 1100);
  EXPECT_GE(most, 2 * kMost - 5 * 1100);
  // The remaining clients have lost nothing.
  watchers[0]->resume_reading();
  EXPECT_TRUE(
      s.world.run_until([&] { return watchers[0]->events().size() == static_cast<std::size_t>(100 + sets); }, 60'000));
}

TEST_F(InFlight, one_transaction_with_many_events_is_applied_and_its_reply_is_sent) {
  start();
  sim::Client& writer = s.connected(60000);
  const std::string deep = "/" + std::string(1000, 'n');
  ASSERT_EQ(writer.create(deep), Error::ok);
  const auto watchers = watching(deep, 20);
  // 20 x 200 x 1000 bytes: one request causes 4 MB of events in one step.
  std::vector<SubRequest> sets;
  for (int i = 0; i < 200; ++i) sets.push_back({OpCode::set_data, SetDataRequest{deep, "x", -1}});
  const auto* const reply = writer.wait(writer.send_multi(sets));
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(reply->err, Error::ok);
  // Connections were closed only for the batch of events that exceeded the limit.
  constexpr std::int64_t kBatchBytes = 64 << 10;
  std::size_t cuts = 0;
  for (const std::string& line : s.world.log.lines()) {
    if (!line.contains("quoll.bytesInFlightMax")) continue;
    ++cuts;
    EXPECT_LE(std::stoll(line), 2 * kMost + kBatchBytes + 1100) << line;
  }
  EXPECT_GT(cuts, 0U);
  const auto left = std::ranges::count_if(watchers, [&](const sim::Client* client) { return is_connected(*client); });
  EXPECT_LT(left, 20);
  EXPECT_GT(left, 0);
  EXPECT_EQ(writer.set(deep, "y"), Error::ok);
  EXPECT_TRUE(s.world.run_until([&] { return total() == 0; }, 60'000));
}

TEST_F(InFlight, closing_a_connection_with_queued_reads_leaves_the_other_connections_in_order) {
  s.options.limits.owed_bytes_max = 10'000'000;
  start();
  sim::Client& writer = s.connected(60000);
  ASSERT_EQ(writer.create("/n", std::string(10'000, 'x')), Error::ok);
  sim::Client& greedy = s.connected(60000);
  s.world.workers.hang();
  // All wait for the disk and are answered in one step, with more than twice the limit.
  for (int i = 0; i < 5; ++i) {
    greedy.send(OpCode::set_data, SetDataRequest{"/m", "x", -1});
    greedy.send(OpCode::create, CreateRequest{fmt::format("/g{}", i), "", sim::open_acl(), 0});
    ask(greedy, 30);
  }
  s.world.run_for(100);
  const auto last = writer.send(OpCode::set_data, SetDataRequest{"/n", "y", -1});
  s.world.run_for(100);
  s.world.workers.go_on();
  ASSERT_NE(writer.wait(last), nullptr);
  EXPECT_EQ(writer.reply(last)->err, Error::ok);
  s.world.run_for(100);
  EXPECT_FALSE(is_connected(greedy));
  EXPECT_TRUE(s.has_node("/g4")) << "the requests were executed";
  EXPECT_LE(most, 2 * kMost + 11'000);
  EXPECT_EQ(total(), 0);
}

TEST_F(InFlight, unfinished_frames_close_the_connection_that_sent_the_most_and_the_sum_is_exact) {
  start();
  sim::Client& good = s.connected(60000);
  std::vector<sim::Client*> drippers;
  for (int i = 0; i < 10; ++i) drippers.push_back(&s.connected(60000));
  std::string frame("\x00\x0f\x00\x00", 4);
  for (sim::Client* const dripper : drippers) dripper->send_raw(frame + std::string(50'000, 'd'));
  s.world.run_for(1000);
  EXPECT_EQ(total(), 10 * 50'004);
  drippers[7]->send_raw(std::string(90'000, 'd'));
  s.world.run_for(1000);
  EXPECT_EQ(total(), 10 * 50'004 + 90'000);
  EXPECT_EQ(good.create("/served"), Error::ok);
  drippers[3]->send_raw(std::string(20'000, 'd'));
  s.world.run_for(1000);
  EXPECT_TRUE(drippers[7]->is_closed());
  EXPECT_EQ(total(), 9 * 50'004 + 20'000);
  EXPECT_EQ(good.create("/still-served"), Error::ok);
  for (sim::Client* const dripper : drippers) EXPECT_EQ(dripper->is_closed(), dripper == drippers[7]);
}

TEST_F(InFlight, bytes_waiting_for_the_disk_are_limited_and_all_requests_are_answered) {
  s.options.limits.outstanding_max = 1'000'000;
  start();
  std::vector<std::pair<sim::Client*, std::int32_t>> clients;
  for (int i = 0; i < 5; ++i) clients.emplace_back(&s.connected(60000), 0);
  s.world.workers.hang();
  for (auto& [client, last] : clients) {
    for (int i = 0; i < 100; ++i)
      last = client->send(OpCode::set_data, SetDataRequest{"/n", std::string(10'000, 'x'), -1});
  }
  s.world.run_for(1000);
  EXPECT_GE(s.server->requests().bytes(), kMost);
  EXPECT_LE(s.server->requests().bytes(), kMost + 5 * 11'000) << "and one more request of each connection";
  s.world.workers.go_on();
  for (auto& [client, last] : clients) {
    ASSERT_NE(client->wait(last), nullptr);
    EXPECT_EQ(client->arrivals().size(), 101U);
  }
  EXPECT_EQ(s.server->requests().bytes(), 0);
}

}  // namespace
}  // namespace quoll::server
