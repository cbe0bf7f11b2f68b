#include "base/utf8.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace quoll::base {
namespace {

TEST(Utf8, well_formed_text_is_valid_and_malformed_bytes_are_not) {
  EXPECT_TRUE(is_valid_utf8("plain"));
  EXPECT_TRUE(is_valid_utf8("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  EXPECT_FALSE(is_valid_utf8("\xc0\x80"));          // overlong NUL
  EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));      // surrogate
  EXPECT_FALSE(is_valid_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_valid_utf8("\xe2\x82"));          // truncated
}

TEST(Utf8, length_counts_utf16_units) {
  EXPECT_EQ(utf16_length("a\xc3\xa9\xf0\x9f\x98\x80"), 4u);
  // At every position in a string longer than eight bytes.
  for (std::size_t at = 0; at <= 20; ++at)
    EXPECT_EQ(utf16_length(std::string(at, 'a') + "\xc3\xa9" + std::string(20 - at, 'b')), 21u) << at;
}

TEST(Utf8, malformed_bytes_are_replaced_as_in_java) {
  EXPECT_EQ(java_decoded("/a\xff\xfe"), "/a\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(java_decoded("\xe4\xb8"), "\xef\xbf\xbd");
  EXPECT_EQ(java_decoded("\xe4"
                         "A"),
            "\xef\xbf\xbd"
            "A");
  EXPECT_EQ(java_decoded("\xed\xa0\x80"), "\xef\xbf\xbd");
  EXPECT_EQ(java_decoded("\xc3\xa9"), "\xc3\xa9");
  EXPECT_EQ(java_round_trip("\xf0\x9f\x98\x80"), "\xed\xa0\xbd\xed\xb8\x80");
}

TEST(Utf8, a_log_line_cannot_be_forged_by_a_client) {
  EXPECT_EQ(escaped("a\nb\x1b[0m\xff"), "a\\x0ab\\x1b[0m\\xff");
  EXPECT_EQ(escaped("0123456789", 4), "0123...");
}

TEST(Utf8, a_log_line_takes_at_most_512_bytes_of_a_clients_string) {
  const std::string most(512, 'a');
  EXPECT_EQ(escaped(most), most);
  EXPECT_EQ(escaped(most + most), fmt::format("{}...", most));
  EXPECT_LE(escaped(std::string(1'000'000, '\n')).size(), 4 * 512U + 3);
}

}  // namespace
}  // namespace quoll::base
