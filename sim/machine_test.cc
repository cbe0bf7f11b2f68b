// Several machines in one simulation: what one of them suffers does not touch the others.
#include "sim/machine.h"

#include <gtest/gtest.h>

namespace quoll::sim {
namespace {

struct Peer : env::DialHandler {
  std::unique_ptr<env::Connection> connection;
  std::string heard;
  std::string events;
  void on_connected() override { events += "connected|"; }
  void on_data(std::string_view bytes) override { heard += bytes; }
  void on_closed(std::string_view why) override { events += std::string(why) + "|"; }
};

// Two machines; the process of the first listens, that of the second dials.
struct MachinesTest : ::testing::TestWithParam<std::uint64_t> {
  MachinesTest() { listen(); }
  void listen() {
    listener = one.env()
                   .network
                   .listen({.port = 2888},
                           [this](std::unique_ptr<env::Connection> connection) {
                             accepted.connection = std::move(connection);
                             accepted.connection->attach(accepted);
                             return &accepted;
                           })
                   .value();
    listener->start_accepting();
  }
  void dial(std::int64_t timeout_ms = 5000) {
    dialler.connection = two.env().dialer.dial({"server1", 2888, timeout_ms}, dialler);
  }
  void connect() {
    dial();
    ASSERT_TRUE(until([&] { return dialler.events == "connected|" && accepted.connection != nullptr; }));
  }
  bool until(const std::function<bool()>& holds, std::int64_t limit_ms = 60'000) {
    return simulation.run_until(holds, limit_ms);
  }
  void set(const char* from, const char* to, Route::Passage passage) {
    simulation.network.route(from, to).passage = passage;
  }
  void end_first(Machine::Ending ending) {
    one.end_process(ending, [this] {
      accepted.connection.reset();
      listener.reset();
    });
  }

  Simulation simulation{GetParam()};
  Machine one{simulation, "server1", "10.1.0.1"};
  Machine two{simulation, "server2", "10.1.0.2"};
  std::unique_ptr<env::Listener> listener;
  Peer accepted;
  Peer dialler;
};

TEST_P(MachinesTest, a_name_leads_to_the_machine_that_has_it_and_no_other_name_is_known) {
  connect();
  EXPECT_EQ(accepted.connection->peer().host, "10.1.0.2");
  Peer stranger;
  stranger.connection = one.env().dialer.dial({"server3", 2888}, stranger);
  Peer refused;
  refused.connection = one.env().dialer.dial({"server2", 2888}, refused);
  EXPECT_TRUE(
      until([&] { return stranger.events == "the name is unknown|" && refused.events == "connection refused|"; }));
}

TEST_P(MachinesTest, a_killed_process_closes_its_connections_and_nothing_else) {
  connect();
  int ticks = 0;
  const auto dead = one.timers.after(10, [&] { ticks += 100; });
  const auto alive = two.timers.after(10, [&] { ++ticks; });
  one.timers.post([&] { ticks += 100; });
  end_first(Machine::Ending::kill);
  EXPECT_TRUE(until([&] { return dialler.events == "connected|the peer closed the connection|"; }));
  simulation.run_for(100);
  EXPECT_EQ(ticks, 1);
  one.begin_process();
  listen();
  dialler = Peer{};
  connect();
}

TEST_P(MachinesTest, after_a_power_cut_the_others_hear_nothing_until_they_send_to_the_new_boot) {
  connect();
  end_first(Machine::Ending::power_cut);
  simulation.run_for(20'000);
  EXPECT_EQ(dialler.events, "connected|");
  Peer other;
  other.connection = two.env().dialer.dial({"server1", 2888, 3000}, other);
  EXPECT_TRUE(until([&] { return other.events == "no answer within 3000 ms|"; }));
  one.begin_process();
  simulation.run_for(20'000);
  EXPECT_EQ(dialler.events, "connected|");
  dialler.connection->send("x");
  EXPECT_TRUE(until([&] { return dialler.events == "connected|Connection reset by peer|"; }));
}

TEST_P(MachinesTest, a_power_cut_costs_one_disk_what_was_not_synced) {
  for (Machine* machine : {&one, &two}) {
    auto file = machine->env().disk.open("/f", env::OpenMode::create).value();
    ASSERT_TRUE(file->write(0, "abc"));
  }
  end_first(Machine::Ending::power_cut);
  EXPECT_EQ(one.disk.content("/f"), "");
  EXPECT_EQ(two.disk.content("/f"), "abc");
}

TEST_P(MachinesTest, a_silent_direction_keeps_what_is_sent_until_it_is_open_again) {
  connect();
  set("server2", "server1", Route::Passage::silent);
  dialler.connection->send("question");
  accepted.connection->send("news");
  simulation.run_for(5000);
  EXPECT_EQ(accepted.heard, "");
  EXPECT_EQ(dialler.heard, "news") << "the other direction is open";
  set("server2", "server1", Route::Passage::open);
  EXPECT_TRUE(until([&] { return accepted.heard == "question"; }, 10'000));
  EXPECT_EQ(dialler.events, "connected|");
}

TEST_P(MachinesTest, without_acknowledgements_a_sender_gets_no_further_than_its_window) {
  simulation.network.window_bytes = 100;
  connect();
  set("server2", "server1", Route::Passage::silent);
  accepted.connection->send(std::string(250, 'x'));
  simulation.run_for(5000);
  EXPECT_EQ(dialler.heard.size(), 100U);
  EXPECT_EQ(accepted.connection->queued_bytes(), 150U);
  EXPECT_EQ(one.env().network.queued_bytes(), 150U);
  EXPECT_EQ(two.env().network.queued_bytes(), 0U);
  set("server2", "server1", Route::Passage::open);
  EXPECT_TRUE(until([&] { return dialler.heard.size() == 250; }, 10'000));
}

TEST_P(MachinesTest, a_connection_is_opened_when_both_directions_are_open_in_time) {
  set("server1", "server2", Route::Passage::silent);
  dial(3000);
  EXPECT_TRUE(until([&] { return dialler.events == "no answer within 3000 ms|"; }));
  dialler.events.clear();
  dial(20'000);
  simulation.run_for(3000);
  set("server1", "server2", Route::Passage::open);
  EXPECT_TRUE(until([&] { return dialler.events == "connected|"; }));
}

TEST_P(MachinesTest, a_refusing_direction_resets_the_sender_alone) {
  connect();
  set("server2", "server1", Route::Passage::refused);
  Peer other;
  other.connection = two.env().dialer.dial({"server1", 2888}, other);
  EXPECT_TRUE(until([&] { return other.events == "connection refused|"; }));
  dialler.connection->send("x");
  EXPECT_TRUE(until([&] { return dialler.events == "connected|Connection reset by peer|"; }));
  simulation.run_for(10'000);
  EXPECT_EQ(accepted.events, "");
  accepted.connection->send("y");
  EXPECT_TRUE(until([&] { return accepted.events == "Connection reset by peer|"; }));
}

TEST_P(MachinesTest, a_suspended_machine_does_not_stop_the_others) {
  int ticks = 0;
  const auto still = one.timers.after(10, [&] { ticks += 100; });
  const auto alive = two.timers.after(10, [&] { ++ticks; });
  one.loop.close();
  simulation.run_for(1000);
  EXPECT_EQ(ticks, 1);
  one.loop.open();
  simulation.run_for(10);
  EXPECT_EQ(ticks, 101);
}

TEST_P(MachinesTest, clocks_drift_apart_and_timers_follow_their_own_clock) {
  one.clock.set_origin(5'000'000);
  one.clock.set_drift(100'000);
  two.clock.set_drift(-100'000);
  EXPECT_EQ(one.clock.elapsed_ms(), 5000);
  std::int64_t fired_ms[2] = {};
  const auto fast = one.timers.after(1000, [&] { fired_ms[0] = one.clock.elapsed_ms(); });
  const auto slow = two.timers.after(1000, [&] { fired_ms[1] = two.clock.elapsed_ms(); });
  simulation.run_for(10'000);
  EXPECT_EQ(one.clock.elapsed_ms(), 16'000);
  EXPECT_EQ(two.clock.elapsed_ms(), 9000);
  EXPECT_EQ(fired_ms[0], 6000);
  EXPECT_EQ(fired_ms[1], 1000);
}

INSTANTIATE_TEST_SUITE_P(seeds, MachinesTest, ::testing::Range<std::uint64_t>(1, 21));

}  // namespace
}  // namespace quoll::sim
