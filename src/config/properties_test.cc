// The cases in the documentation of java.util.Properties, and what editors do to zoo.cfg.
#include "config/properties.h"

#include <gtest/gtest.h>

namespace quoll::config {
namespace {

std::string shown(std::string_view text) {
  const auto parsed = parse_properties(text);
  if (!parsed) {
    std::string faults;
    for (const auto& f : parsed.error()) faults += fmt::format("fault {}: {}\n", f.line, f.text);
    return faults;
  }
  std::string out;
  for (const auto& e : parsed->entries) out += fmt::format("{}[{}]=[{}]\n", e.line, e.key, e.value);
  return out;
}

TEST(Properties, key_ends_at_equals_colon_or_blank) {
  EXPECT_EQ(shown("Truth = Beauty"), "1[Truth]=[Beauty]\n");
  EXPECT_EQ(shown(" Truth:Beauty"), "1[Truth]=[Beauty]\n");
  EXPECT_EQ(shown("Truth\t\t\t:Beauty"), "1[Truth]=[Beauty]\n");
  EXPECT_EQ(shown("Truth Beauty"), "1[Truth]=[Beauty]\n");
  EXPECT_EQ(shown("a==b"), "1[a]=[=b]\n");
  EXPECT_EQ(shown("a = : b"), "1[a]=[: b]\n");
}

TEST(Properties, key_without_value_is_empty) {
  EXPECT_EQ(shown("cheeses"), "1[cheeses]=[]\n");
  EXPECT_EQ(shown("cheeses="), "1[cheeses]=[]\n");
  EXPECT_EQ(shown("=x"), "1[]=[x]\n");
}

TEST(Properties, comments_and_blank_lines_are_ignored_but_counted) {
  EXPECT_EQ(shown("# one\n  ! two\n\n \t\f\nkey=v # not a comment\n"), "5[key]=[v # not a comment]\n");
}

TEST(Properties, comment_does_not_continue) {
  EXPECT_EQ(shown("# one \\\nkey=v\n"), "2[key]=[v]\n");
}

TEST(Properties, backslash_at_line_end_continues_without_leading_blanks) {
  EXPECT_EQ(shown("fruits apple, banana, \\\n        pear\nnext=1"), "1[fruits]=[apple, banana, pear]\n3[next]=[1]\n");
  EXPECT_EQ(shown("a=b\\\r\n  c\r\nd=e\r\n"), "1[a]=[bc]\n3[d]=[e]\n");
}

TEST(Properties, comment_mark_on_a_continued_line_is_text) {
  EXPECT_EQ(shown("a=b\\\n#c"), "1[a]=[b#c]\n");
}

TEST(Properties, blank_continuation_ends_the_entry) {
  EXPECT_EQ(shown("a=b\\\n\nc=d"), "1[a]=[b]\n3[c]=[d]\n");
}

TEST(Properties, continuation_may_hit_the_end) {
  EXPECT_EQ(shown("a=b\\"), "1[a]=[b]\n");
  EXPECT_EQ(shown("a=b\\\n"), "1[a]=[b]\n");
  EXPECT_EQ(shown("a=b\\\n   "), "1[a]=[b]\n");
}

TEST(Properties, an_empty_continuation_starts_a_new_entry) {
  EXPECT_EQ(shown("\\\n"), "");
  EXPECT_EQ(shown("\\\n\n#c\na=b"), "4[a]=[b]\n");
  EXPECT_EQ(shown("\\\n#c\na=b"), "3[a]=[b]\n");
  EXPECT_EQ(shown("\\\na=b"), "2[a]=[b]\n");
  EXPECT_EQ(shown("\\"), "1[]=[]\n");
}

TEST(Properties, even_number_of_backslashes_does_not_continue) {
  EXPECT_EQ(shown("a=b\\\\\nc=d"), "1[a]=[b\\]\n2[c]=[d]\n");
}

TEST(Properties, escapes_are_javas) {
  EXPECT_EQ(shown("a=\\t\\n\\r\\f\\x\\\\"), "1[a]=[\t\n\r\fx\\]\n");
  EXPECT_EQ(shown("a\\ b\\=c\\:d=e"), "1[a b=c:d]=[e]\n");
  EXPECT_EQ(shown("p=C:\\\\data"), "1[p]=[C:\\data]\n");
  EXPECT_EQ(shown("a=\\u0041\\u00e9\\u20ac"), "1[a]=[A\xc3\xa9\xe2\x82\xac]\n");
}

TEST(Properties, surrogate_pairs_join_and_halves_become_question_marks) {
  EXPECT_EQ(shown("a=\\uD83D\\uDE00"), "1[a]=[\xf0\x9f\x98\x80]\n");
  EXPECT_EQ(shown("a=\\uD83Dx\\uDE00"), "1[a]=[?x?]\n");
}

TEST(Properties, malformed_unicode_escape_is_a_fault_with_its_line) {
  EXPECT_EQ(shown("a=1\nb=\\u12x4"), "fault 2: \\u must be followed by four hexadecimal digits\n");
  EXPECT_EQ(shown("b=\\u12"), "fault 1: \\u must be followed by four hexadecimal digits\n");
}

TEST(Properties, trailing_blanks_stay_in_the_value) {
  EXPECT_EQ(shown("a=b  \t\n"), "1[a]=[b  \t]\n");
}

TEST(Properties, the_last_of_two_equal_keys_counts_with_a_warning) {
  const auto parsed = parse_properties("a=1\nb=2\na=3\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(shown("a=1\nb=2\na=3\n"), "2[b]=[2]\n3[a]=[3]\n");
  ASSERT_EQ(parsed->warnings.size(), 1U);
  EXPECT_EQ(parsed->warnings[0].line, 3);
  EXPECT_EQ(parsed->warnings[0].text, "a is also on line 1; this line, the last one, counts");
}

TEST(Properties, line_ends_may_be_unix_dos_or_old_mac) {
  EXPECT_EQ(shown("a=1\r\nb=2\rc=3\n"), "1[a]=[1]\n2[b]=[2]\n3[c]=[3]\n");
}

TEST(Properties, a_byte_order_mark_affects_the_line_to_which_java_adds_it) {
  EXPECT_EQ(shown("\xef\xbb\xbftickTime=1\na=b"), "2[a]=[b]\n");
  EXPECT_EQ(shown("\xef\xbb\xbf# comment\na=b"), "2[a]=[b]\n");
  EXPECT_EQ(shown("\xef\xbb\xbf# comment \\\na=b\nc=d"), "3[c]=[d]\n") << "to Java it is no comment, and goes on";
  EXPECT_EQ(parse_properties("\xef\xbb\xbf\na=b")->warnings.size(), 1U);
  EXPECT_NE(shown("\xff\xfet").find("UTF-16"), std::string::npos);
}

TEST(Properties, nul_byte_is_refused_with_its_line) {
  EXPECT_EQ(shown(std::string_view("a=1\nb=\0\n", 8)), "fault 2: contains a NUL byte; is this a text file?\n");
}

TEST(Properties, bytes_above_ascii_are_latin1_with_a_warning) {
  EXPECT_EQ(shown("a=\xe9"), "1[a]=[\xc3\xa9]\n");
  EXPECT_EQ(parse_properties("a=\xe9")->warnings.size(), 1U);
}

TEST(Properties, empty_text_has_no_entries) {
  EXPECT_EQ(shown(""), "");
}

}  // namespace
}  // namespace quoll::config
