#include "admin/json_text.h"

#include <gtest/gtest.h>

namespace quoll::admin {
namespace {

TEST(JsonText, is_laid_out_as_jackson_does_it) {
  JsonText json;
  json.begin_object();
  json.field("a", 1);
  json.key("list");
  json.begin_array();
  json.value(1);
  json.begin_object();
  json.field("x", "y");
  json.end_object();
  json.end_array();
  json.key("none");
  json.begin_array();
  json.end_array();
  json.key("empty");
  json.begin_object();
  json.end_object();
  json.key("in");
  json.begin_object();
  json.field("half", 0.5);
  json.field("yes", true);
  json.key("nothing");
  json.null();
  json.end_object();
  json.end_object();
  EXPECT_EQ(json.take(),
            "{\n  \"a\" : 1,\n  \"list\" : [ 1, {\n    \"x\" : \"y\"\n  } ],\n  \"none\" : [ ],\n  \"empty\" : { },\n"
            "  \"in\" : {\n    \"half\" : 0.5,\n    \"yes\" : true,\n    \"nothing\" : null\n  }\n}");
}

TEST(JsonText, strings_are_escaped_and_valid_utf8) {
  JsonText json;
  json.begin_array();
  json.value("a\"b\\c\n\x01/\xc3\xa9");
  json.value(std::string_view("\xff<\0>", 4));
  json.end_array();
  EXPECT_EQ(json.take(), "[ \"a\\\"b\\\\c\\n\\u0001/\xc3\xa9\", \"\xef\xbf\xbd<\\u0000>\" ]");
}

TEST(JsonText, pieces_can_be_taken_at_any_time) {
  JsonText json;
  json.begin_object();
  std::string all = json.take();
  json.field("error", "x");
  EXPECT_TRUE(json.has_error());
  all += json.take();
  json.end_object();
  EXPECT_EQ(all + json.take(), "{\n  \"error\" : \"x\"\n}");
}

}  // namespace
}  // namespace quoll::admin
