#include "http/response_parser.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <utility>
#include <vector>

namespace quoll::http {

namespace {

namespace beast = boost::beast;
using error_code = boost::system::error_code;

constexpr std::uint32_t kHeadBytesMax = 64 << 10;

}  // namespace

struct ResponseParser::Beast final : beast::http::basic_parser<false> {
  explicit Beast(OnBody given) : on_body(std::move(given)) {
    header_limit(kHeadBytesMax);
    body_limit(boost::none);
    eager(true);
  }

  void on_request_impl(beast::http::verb, beast::string_view, beast::string_view, int, error_code&) override {}
  void on_response_impl(int code, beast::string_view, int, error_code&) override { status = code; }
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, error_code&) override {
    fields.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view bytes, error_code& result) override { return hand_on(bytes, result); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code& result) override {
    return hand_on(bytes, result);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t hand_on(beast::string_view bytes, error_code& result) {
    if (on_body({bytes.data(), bytes.size()})) return bytes.size();
    result = boost::system::errc::make_error_code(boost::system::errc::operation_canceled);
    return 0;
  }

  OnBody on_body;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string pending;  // the beginning of something that has not come whole
  error_code error;
};

ResponseParser::ResponseParser(OnBody on_body) : beast_(std::make_unique<Beast>(std::move(on_body))) {}
ResponseParser::~ResponseParser() = default;

void ResponseParser::put(std::string_view bytes) {
  beast_->pending += bytes;
  std::size_t used = 0;
  while (used < beast_->pending.size() && (state() == State::head || state() == State::body)) {
    error_code error;
    const std::size_t now =
        beast_->put(boost::asio::const_buffer(beast_->pending.data() + used, beast_->pending.size() - used), error);
    used += now;
    if (error == beast::http::error::need_more) {
      if (now == 0) break;
    } else if (error) {
      beast_->error = error;
    }
  }
  beast_->pending.erase(0, used);
}

void ResponseParser::end() {
  if (state() == State::complete || state() == State::failed) return;
  error_code error;
  if (state() == State::body) {
    beast_->put_eof(error);
  } else {
    error = beast::http::error::partial_message;
  }
  if (error) beast_->error = error;
}

ResponseParser::State ResponseParser::state() const {
  if (beast_->error) return State::failed;
  if (beast_->is_done()) return State::complete;
  return beast_->is_header_done() ? State::body : State::head;
}

int ResponseParser::status() const {
  return beast_->status;
}

std::optional<std::string> ResponseParser::field(std::string_view name) const {
  for (const auto& [key, value] : beast_->fields) {
    if (beast::iequals(key, beast::string_view(name.data(), name.size()))) return value;
  }
  return std::nullopt;
}

}  // namespace quoll::http
