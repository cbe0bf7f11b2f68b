#include "server/loop_clock.h"

#include <gtest/gtest.h>

namespace quoll::server {
namespace {

class TestClock : public env::Clock {
 public:
  [[nodiscard]] std::int64_t wall_ms() const override { return 0; }
  [[nodiscard]] std::int64_t elapsed_us() const override {
    ++readings;
    return now_us;
  }
  std::int64_t now_us = 1'000;
  mutable int readings = 0;
};

TEST(LoopClockTest, the_last_reading_costs_nothing) {
  TestClock clock;
  LoopClock loop(clock);
  EXPECT_EQ(loop.now_us(), 1'000);
  clock.now_us = 2'000;
  EXPECT_EQ(loop.last_us(), 1'000);
  EXPECT_EQ(clock.readings, 1);
  EXPECT_EQ(loop.now_us(), 2'000);
  EXPECT_EQ(loop.last_us(), 2'000);
}

TEST(StopwatchTest, the_clock_is_read_once_for_each_step) {
  TestClock clock;
  LoopClock loop(clock);
  Stopwatch time(loop);
  EXPECT_EQ(clock.readings, 1);

  clock.now_us = 1'010;  // a step that reads the clock
  loop.now_us();
  EXPECT_EQ(time.took_us(), 10);
  EXPECT_EQ(clock.readings, 2);

  clock.now_us = 1'025;  // one that does not
  EXPECT_EQ(time.took_us(), 25);
  EXPECT_EQ(clock.readings, 3);
  EXPECT_EQ(time.last_us(), 25);
  EXPECT_EQ(clock.readings, 3);
}

TEST(StopwatchTest, a_pause_before_it_does_not_count) {
  TestClock clock;
  LoopClock loop(clock);
  loop.now_us();
  clock.now_us = 9'000'000;
  Stopwatch time(loop);
  EXPECT_EQ(time.took_us(), 0);
  EXPECT_EQ(loop.last_us(), 9'000'000);
}

}  // namespace
}  // namespace quoll::server
