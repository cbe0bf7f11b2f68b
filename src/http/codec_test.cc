#include "http/codec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace quoll::http {
namespace {

using State = RequestParser::State;

TEST(Codec, a_request_is_parsed_in_any_pieces) {
  const std::string text =
      "GET /commands/stat%20x?a=1&b=%2f+c&a=2&d HTTP/1.1\r\nHost: x\r\nAuthorization: digest u:p\r\n\r\nrest";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    RequestParser parser({});
    std::string input;
    std::size_t given = 0;
    while (parser.state() != State::complete && given < text.size()) {
      input += text.substr(given, piece);
      given = std::min(text.size(), given + piece);
      input.erase(0, parser.put(input));
    }
    ASSERT_EQ(parser.state(), State::complete) << piece;
    EXPECT_EQ(input + text.substr(given), "rest");
    const Request& request = parser.request();
    EXPECT_EQ(request.method, Request::Method::get);
    EXPECT_EQ(request.path, "/commands/stat x");
    EXPECT_EQ(request.parameters, (Request::Parameters{{"a", "1"}, {"b", "/ c"}, {"a", "2"}, {"d", ""}}));
    EXPECT_EQ(request.parameter("a"), "1");
    EXPECT_EQ(request.authorization, "digest u:p");
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(Codec, bodies_are_read_to_their_end_and_limited) {
  RequestParser counted({});
  EXPECT_EQ(counted.put("POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET"), 42U);
  EXPECT_EQ(counted.state(), State::complete);
  RequestParser chunked({});
  const std::string text = "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  EXPECT_EQ(chunked.put(text), text.size());
  EXPECT_EQ(chunked.state(), State::complete);
  RequestParser long_one({.body_bytes_max = 2});
  long_one.put("POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(long_one.state(), State::failed);
  EXPECT_EQ(long_one.failure_status(), 413);
}

TEST(Codec, what_is_no_request_is_refused) {
  const auto status_of = [](std::string_view text) {
    RequestParser parser({.head_bytes_max = 200});
    parser.put(text);
    return parser.state() == State::failed ? parser.failure_status() : 0;
  };
  EXPECT_EQ(status_of("\x16\x03\x01\x02"), 400);  // TLS
  EXPECT_EQ(status_of(std::string("\0\0\0\x2c\0\0\0\0\0\0\0\0", 12)), 400);
  EXPECT_EQ(status_of("GET /a b HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/7.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(status_of(fmt::format("GET / HTTP/1.1\r\nA: {:a>300}", "")), 431);
}

TEST(Codec, answers_have_a_date_and_a_length_or_chunks) {
  const Answer answer{.status = 404, .type = "text/plain", .headers = {{"last_zxid", "0x1"}}};
  EXPECT_EQ(encode({.answer = answer, .length = 5, .wall_ms = 1796031315000}),
            "HTTP/1.1 404 Not Found\r\nDate: Mon, 30 Nov 2026 09:35:15 GMT\r\nlast_zxid: 0x1\r\n"
            "Content-Type: text/plain\r\nContent-Length: 5\r\n\r\n");
  const std::string chunked = encode({.answer = answer, .framing = Framing::chunked, .keep_alive = false});
  EXPECT_NE(chunked.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(chunked.find("Connection: close\r\n"), std::string::npos);
  std::string chunks;
  append_chunk("", chunks);
  append_chunk("0123456789abcdef", chunks);
  append_last_chunk(chunks);
  EXPECT_EQ(chunks, "10\r\n0123456789abcdef\r\n0\r\n\r\n");
}

TEST(Codec, broken_escapes_stay_as_they_are) {
  EXPECT_EQ(percent_decoded("%41%4", Plus::is_plus), "A%4");
  EXPECT_EQ(percent_decoded("%zz+", Plus::is_plus), "%zz+");
  EXPECT_EQ(percent_decoded("+%2B", Plus::is_blank), " +");
}

}  // namespace
}  // namespace quoll::http
