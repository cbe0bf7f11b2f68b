// Tests of the simulated world: the same seed must give the same run.
#include "sim/world.h"

#include <gtest/gtest.h>

namespace quoll::sim {
namespace {

struct Ear : env::ConnectionHandler {
  std::string heard;
  bool closed = false;
  void on_data(std::string_view bytes) override { heard += bytes; }
  void on_closed(std::string_view) override { closed = true; }
};

TEST(World, timers_fire_in_order_of_time_and_not_after_they_are_destroyed) {
  World world(1);
  std::string order;
  const auto late = world.timers.after(20, [&] { order += "b"; });
  const auto soon = world.timers.after(10, [&] { order += "a"; });
  auto never = world.timers.after(5, [&] { order += "x"; });
  never.reset();
  world.run_for(9);
  EXPECT_EQ(order, "");
  world.run_for(100);
  EXPECT_EQ(order, "ab");
  EXPECT_EQ(world.clock.elapsed_ms(), 109);
}

TEST(World, posts_keep_their_order_whatever_the_seed) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    World world(seed);
    std::string order;
    for (const char c : std::string("abcdef")) world.timers.post([&order, c] { order += c; });
    world.run_for(10);
    EXPECT_EQ(order, "abcdef");
  }
}

TEST(World, a_worker_runs_jobs_in_order_and_reports_each_on_the_loop) {
  World world(3);
  std::string order;
  const auto worker = world.workers.start("disk");
  worker->run([&] { order += "1"; }, [&] { order += "a"; });
  worker->run([&] { order += "2"; }, [&] { order += "b"; });
  EXPECT_EQ(order, "");
  world.run_for(10);
  EXPECT_EQ(std::string(order).erase(order.find('a'), 1), "12b");
  EXPECT_LT(order.find('1'), order.find('a'));
}

TEST(World, a_destroyed_worker_finishes_its_jobs_without_calling_done) {
  World world(3);
  std::string order;
  auto worker = world.workers.start("disk");
  worker->run([&] { order += "1"; }, [&] { order += "a"; });
  worker.reset();
  world.run_for(10);
  EXPECT_EQ(order, "1");
}

TEST(World, bytes_arrive_complete_and_in_order_and_the_close_comes_after_them) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    World world(seed);
    Ear server_ear;
    Ear client_ear;
    std::unique_ptr<env::Connection> server_end;
    const auto listener = world.network.listen({.port = 1}, [&](std::unique_ptr<env::Connection> end) {
      server_end = std::move(end);
      server_end->attach(server_ear);
      return &server_ear;
    });
    (*listener)->start_accepting();
    auto client_end = world.network.connect(1, "10.0.0.1", client_ear);
    client_end->send("hello ");
    client_end->send("world");
    client_end.reset();
    world.run_for(100);
    EXPECT_EQ(server_ear.heard, "hello world");
    EXPECT_TRUE(server_ear.closed);
    EXPECT_FALSE(client_ear.closed);
  }
}

TEST(World, a_reader_that_pauses_makes_the_sender_queue) {
  World world(4);
  world.network.window_bytes = 100;
  Ear server_ear;
  Ear client_ear;
  std::unique_ptr<env::Connection> server_end;
  const auto listener = world.network.listen({.port = 1}, [&](std::unique_ptr<env::Connection> end) {
    server_end = std::move(end);
    server_end->attach(server_ear);
    return &server_ear;
  });
  (*listener)->start_accepting();
  const auto client_end = world.network.connect(1, "10.0.0.1", client_ear);
  world.run_for(10);
  client_end->pause_reading();
  server_end->send(std::string(1000, 'x'));
  world.run_for(100);
  EXPECT_EQ(server_end->queued_bytes(), 900U);
  client_end->resume_reading();
  world.run_for(1000);
  EXPECT_EQ(server_end->queued_bytes(), 0U);
  EXPECT_EQ(client_ear.heard.size(), 1000U);
}

TEST(World, both_ends_are_told_of_a_cut_and_none_of_silence) {
  World world(5);
  Ear server_ear;
  Ear client_ear;
  std::unique_ptr<env::Connection> server_end;
  const auto listener = world.network.listen({.port = 1}, [&](std::unique_ptr<env::Connection> end) {
    server_end = std::move(end);
    server_end->attach(server_ear);
    return &server_ear;
  });
  (*listener)->start_accepting();
  auto client_end = world.network.connect(1, "10.0.0.1", client_ear);
  world.run_for(10);
  world.network.silence(*client_end);
  client_end->send("lost");
  world.run_for(1000);
  EXPECT_EQ(server_ear.heard, "");
  EXPECT_FALSE(server_ear.closed || client_ear.closed);
  world.network.cut(*client_end);
  world.run_for(10);
  EXPECT_TRUE(server_ear.closed && client_ear.closed);
}

}  // namespace
}  // namespace quoll::sim
