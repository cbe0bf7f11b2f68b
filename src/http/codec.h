// HTTP/1.1 as bytes: parses requests and writes answers. It and response_parser.cc are the only files that
// use Boost.Beast.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/options.h"

namespace quoll::http {

// Parses one request from the bytes of a connection.
class RequestParser {
 public:
  enum class State { head, body, complete, failed };

  enum class Body { discarded, wanted };
  // Called once, when the head has come, by put(). A body that is wanted may have any length.
  using OnHead = std::function<Body(const Request& request)>;

  explicit RequestParser(const Options& options, OnHead on_head = nullptr);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Returns the number of bytes used; the others must be given again, with those that follow them. Nothing is used
  // after the end of the request.
  std::size_t put(std::string_view bytes);
  [[nodiscard]] State state() const;
  // While the state is failed: 400, 413 (a body that is too long), or 431 (too many header fields).
  [[nodiscard]] int failure_status() const;
  // The client waits for permission before it sends the body. True once.
  bool take_expect_continue();
  // What has come of a body that is wanted, since the last call.
  [[nodiscard]] std::string take_body();
  // While the state is complete.
  [[nodiscard]] const Request& request() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_http_1_0() const;

 private:
  struct Beast;
  std::unique_ptr<Beast> beast_;
};

// How the end of a body is marked.
enum class Framing { length, chunked, until_close };

struct Head {
  const Answer& answer;
  Framing framing = Framing::length;
  std::uint64_t length = 0;  // for Framing::length
  bool keep_alive = true;
  bool http_1_0 = false;
  std::int64_t wall_ms = 0;  // for the field Date
};

std::string encode(const Head& head);
// A piece of a chunked body, and its end. An empty piece yields nothing.
void append_chunk(std::string_view piece, std::string& out);
void append_last_chunk(std::string& out);

// "%2F" and, in queries, "+"; a broken escape stays as it is.
enum class Plus { is_plus, is_blank };
std::string percent_decoded(std::string_view text, Plus plus);

// RFC 9110's form of a time: "Mon, 30 Nov 2026 09:35:15 GMT". Milliseconds since 1970.
std::string http_date(std::int64_t wall_ms);

}  // namespace quoll::http
