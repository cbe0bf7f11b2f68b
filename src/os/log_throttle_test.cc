#include "os/log_throttle.h"

#include <gtest/gtest.h>

namespace quoll::os {
namespace {

TEST(LogThrottle, a_repeated_line_is_written_a_few_times_and_then_counted) {
  LogThrottle throttle;
  int written = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto line = fmt::format("Too many connections from 10.0.{}.{}: {} of at most 60; turning it away", i / 250,
                                  i % 250, 60 + i % 7);
    written += throttle.admits(env::Level::warn, line, i / 12);
  }
  EXPECT_EQ(written, LogThrottle::kLinesPerWindow);
  EXPECT_TRUE(throttle.summaries(LogThrottle::kWindowMs - 1).empty());
  const auto said = throttle.summaries(LogThrottle::kWindowMs);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].level, env::Level::warn);
  EXPECT_EQ(
      said[0].text,
      "2980 more lines like this one in 10 s: Too many connections from 10.0.11.249: 63 of at most 60; turning it "
      "away");
  EXPECT_TRUE(throttle.summaries(LogThrottle::kWindowMs).empty());
  EXPECT_TRUE(throttle.admits(env::Level::warn, "Too many connections from 10.0.0.1: 60 of at most 60", 20'000));
}

TEST(LogThrottle, lines_that_differ_in_more_than_numbers_and_quoted_text_are_not_alike) {
  LogThrottle throttle;
  for (int i = 0; i < 2 * LogThrottle::kLinesPerWindow; ++i) {
    const std::string word(static_cast<std::size_t>(i + 1), 'x');
    EXPECT_TRUE(throttle.admits(env::Level::info, "zoo.cfg:1: " + word + " is no known key", 0));
    EXPECT_EQ(throttle.admits(env::Level::info, "user \"" + word + "\" is refused", 0),
              i < LogThrottle::kLinesPerWindow);
    EXPECT_TRUE(throttle.admits(env::Level::debug, "read 1 byte", 0));
  }
  ASSERT_EQ(throttle.summaries(0, true).size(), 1U);
}

TEST(LogThrottle, kinds_of_lines_are_limited_and_no_count_is_lost) {
  LogThrottle throttle;
  for (int i = 0; i < LogThrottle::kLinesPerWindow + 5; ++i)
    static_cast<void>(throttle.admits(env::Level::warn, "the same", 0));
  for (std::size_t i = 0; i < LogThrottle::kKindsMax; ++i)
    EXPECT_TRUE(throttle.admits(env::Level::warn, std::string(i + 1, 'y'), 0));
  const auto said = throttle.summaries(0);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].text, "5 more lines like this one in 0 s: the same");
}

}  // namespace
}  // namespace quoll::os
