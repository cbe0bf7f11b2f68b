#include "server/metrics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace quoll::server {
namespace {

TEST(Metrics, names_of_namespaces_are_limited_in_number_and_in_bytes) {
  ByNamespace<Counter> many;
  for (std::size_t i = 0; i < ByNamespace<Counter>::kNamespacesMax; ++i)
    EXPECT_NE(many.find(fmt::format("n{}", i)), nullptr);
  EXPECT_EQ(many.find("one-more"), nullptr);
  EXPECT_NE(many.find("n7"), nullptr);
  ByNamespace<Counter> longer;
  std::size_t bytes = 0;
  for (int i = 0; longer.find(fmt::format("{:01000}", i)) != nullptr; ++i) bytes += 1000;
  EXPECT_LE(bytes, ByNamespace<Counter>::kNameBytesMax);
  EXPECT_GT(bytes, ByNamespace<Counter>::kNameBytesMax - 2000);
  EXPECT_EQ(longer.find(std::string(ByNamespace<Counter>::kNameBytesMax, 'n')), nullptr);
  EXPECT_NE(longer.find("short"), nullptr);
}

}  // namespace
}  // namespace quoll::server
