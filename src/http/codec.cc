#include "http/codec.h"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/serializer.hpp>
#include <fmt/format.h>

#include "base/check.h"
#include "base/utc_time.h"

namespace quoll::http {

namespace beast = boost::beast;
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

Request::Method method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get:
      return Request::Method::get;
    case beast::http::verb::head:
      return Request::Method::head;
    case beast::http::verb::post:
      return Request::Method::post;
    case beast::http::verb::options:
      return Request::Method::options;
    case beast::http::verb::trace:
      return Request::Method::trace;
    default:
      return Request::Method::other;
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Request::Parameters parameters_of(std::string_view query) {
  Request::Parameters parameters;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (one.empty()) continue;
    const std::size_t equals = std::min(one.find('='), one.size());
    parameters.emplace_back(percent_decoded(one.substr(0, equals), Plus::is_blank),
                            percent_decoded(one.substr(std::min(equals + 1, one.size())), Plus::is_blank));
  }
  return parameters;
}

void take_target(std::string_view target, Request& request) {
  // A proxy's form names the host, too: "http://host:8080/commands".
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    target.remove_prefix(std::min(target.find('/'), target.size()));
  }
  target = target.substr(0, target.find('#'));
  const std::size_t question = std::min(target.find('?'), target.size());
  request.path = percent_decoded(target.substr(0, question), Plus::is_plus);
  request.parameters = parameters_of(target.substr(std::min(question + 1, target.size())));
}

}  // namespace

struct RequestParser::Beast final : beast::http::basic_parser<true> {
  Beast(const Options& options, OnHead asks) : on_head(std::move(asks)), body_bytes_max(options.body_bytes_max) {
    header_limit(options.head_bytes_max);
    // Beast would apply its limit before the head can be judged.
    body_limit(boost::none);
    eager(true);
  }

  void on_request_impl(beast::http::verb verb, beast::string_view, beast::string_view target, int version,
                       error_code&) override {
    request.method = method_of(verb);
    take_target({target.data(), target.size()}, request);
    http_1_0 = version < 11;
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field name, beast::string_view, beast::string_view value, error_code&) override {
    if (name == beast::http::field::authorization && !request.authorization)
      request.authorization.emplace(value.data(), value.size());
    if (name == beast::http::field::expect && beast::iequals(value, "100-continue")) expects_continue = true;
  }
  void on_header_impl(error_code& failure) override {
    if (on_head) is_wanted = on_head(request) == Body::wanted;
    const auto length = content_length();
    if (!is_wanted && length && *length > body_bytes_max) failure = beast::http::error::body_limit;
  }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view bytes, error_code& failure) override { return take(bytes, failure); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code& failure) override {
    return take(bytes, failure);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t take(beast::string_view bytes, error_code& failure) {
    if (is_wanted) {
      body.append(bytes.data(), bytes.size());
    } else {
      discarded += bytes.size();
      if (discarded > body_bytes_max) failure = beast::http::error::body_limit;
    }
    return bytes.size();
  }

  const OnHead on_head;
  const std::uint64_t body_bytes_max;  // of a body that is discarded
  Request request;
  std::string body;
  std::uint64_t discarded = 0;
  bool is_wanted = false;
  error_code error;
  bool http_1_0 = false;
  bool expects_continue = false;
};

RequestParser::RequestParser(const Options& options, OnHead on_head)
    : beast_(std::make_unique<Beast>(options, std::move(on_head))) {}
RequestParser::~RequestParser() = default;

std::size_t RequestParser::put(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && (state() == State::head || state() == State::body)) {
    error_code error;
    const std::size_t now = beast_->put(asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    used += now;
    if (error == beast::http::error::need_more) {
      if (now == 0) break;
    } else if (error) {
      beast_->error = error;
    }
  }
  return used;
}

RequestParser::State RequestParser::state() const {
  if (beast_->error) return State::failed;
  if (beast_->is_done()) return State::complete;
  return beast_->is_header_done() ? State::body : State::head;
}

int RequestParser::failure_status() const {
  if (beast_->error == beast::http::error::header_limit) return 431;
  if (beast_->error == beast::http::error::body_limit) return 413;
  return 400;
}

bool RequestParser::take_expect_continue() {
  return beast_->is_header_done() && std::exchange(beast_->expects_continue, false);
}

std::string RequestParser::take_body() {
  return std::exchange(beast_->body, {});
}

const Request& RequestParser::request() const {
  return beast_->request;
}
bool RequestParser::keep_alive() const {
  return beast_->keep_alive();
}
bool RequestParser::is_http_1_0() const {
  return beast_->http_1_0;
}

std::string encode(const Head& head) {
  beast::http::response<beast::http::empty_body> response(static_cast<beast::http::status>(head.answer.status),
                                                          head.http_1_0 ? 10 : 11);
  response.set(beast::http::field::date, http_date(head.wall_ms));
  for (const auto& [name, value] : head.answer.headers) response.insert(name, value);
  if (!head.answer.type.empty()) response.set(beast::http::field::content_type, head.answer.type);
  if (head.framing == Framing::length) response.content_length(head.length);
  if (head.framing == Framing::chunked) response.chunked(true);
  response.keep_alive(head.keep_alive && head.framing != Framing::until_close);

  std::string text;
  beast::http::response_serializer<beast::http::empty_body> serializer(response);
  serializer.split(true);
  error_code error;
  while (!serializer.is_header_done() && !error) {
    serializer.next(error, [&](error_code&, const auto& buffers) {
      text += beast::buffers_to_string(buffers);
      serializer.consume(beast::buffer_bytes(buffers));
    });
  }
  return text;
}

void append_chunk(std::string_view piece, std::string& out) {
  if (piece.empty()) return;  // it would be the end
  out += beast::buffers_to_string(beast::http::make_chunk(asio::const_buffer(piece.data(), piece.size())));
}

void append_last_chunk(std::string& out) {
  out += beast::buffers_to_string(beast::http::make_chunk_last());
}

std::string percent_decoded(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]));
      at += 2;
    } else {
      out += text[at] == '+' && plus == Plus::is_blank ? ' ' : text[at];
    }
  }
  return out;
}

std::string http_date(std::int64_t wall_ms) {
  const base::UtcTime at = base::utc_time(wall_ms);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", at.weekday_name(), at.day, at.month_name(), at.year,
                     at.hours, at.minutes, at.seconds);
}

}  // namespace quoll::http
