#include "http/response_parser.h"

#include <gtest/gtest.h>

namespace quoll::http {
namespace {

using Response = ResponseParser::State;

struct Got {
  Response state;
  int status;
  std::string body;
  std::optional<std::string> size;
};

Got got(const std::string& text, std::size_t piece) {
  Got result{};
  ResponseParser parser([&](std::string_view bytes) {
    result.body += bytes;
    return true;
  });
  for (std::size_t at = 0; at < text.size(); at += piece) parser.put(std::string_view(text).substr(at, piece));
  parser.end();
  result.state = parser.state();
  result.status = parser.status();
  result.size = parser.field("SNAPSHOT_SIZE");
  return result;
}

TEST(ResponseParser, takes_bodies_of_every_framing_in_any_pieces) {
  const std::string head = "HTTP/1.1 200 OK\r\nsnapshot_size: 7\r\n";
  const std::string texts[] = {head + "Content-Length: 7\r\n\r\n1234567", head + "\r\n1234567",
                               head + "Transfer-Encoding: chunked\r\n\r\n4\r\n1234\r\n3\r\n567\r\n0\r\n\r\n"};
  for (const std::string& text : texts) {
    for (const std::size_t piece : {1, 3, 7, 1000}) {
      const Got one = got(text, piece);
      EXPECT_EQ(one.state, Response::complete) << text;
      EXPECT_EQ(one.status, 200);
      EXPECT_EQ(one.body, "1234567") << text;
      EXPECT_EQ(one.size, "7");
    }
  }
}

TEST(ResponseParser, an_answer_that_is_cut_or_none_fails) {
  for (const char* text : {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n123456",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n12", "SSH-2.0-OpenSSH\r\n\r\n"})
    EXPECT_EQ(got(text, 5).state, Response::failed) << text;
}

TEST(ResponseParser, a_body_that_is_not_wanted_is_a_failure) {
  ResponseParser parser([](std::string_view) { return false; });
  parser.put("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n1234567");
  EXPECT_EQ(parser.state(), Response::failed);
}

}  // namespace
}  // namespace quoll::http
