#include "apps/log_setup.h"

#include <gtest/gtest.h>

namespace quoll::apps {
namespace {

TEST(LogSetup, levels_cycle_from_the_configured_one_over_debug_and_trace) {
  using enum env::Level;
  for (const env::Level configured : {info, warn, error}) {
    EXPECT_EQ(next_level(configured, configured), debug);
    EXPECT_EQ(next_level(debug, configured), trace);
    EXPECT_EQ(next_level(trace, configured), configured);
  }
  EXPECT_EQ(next_level(debug, debug), trace);
  EXPECT_EQ(next_level(trace, debug), debug);
  EXPECT_EQ(next_level(trace, trace), debug);
}

}  // namespace
}  // namespace quoll::apps
