// An answer of an HTTP server, in pieces: whatever comes is taken or refused, and the pieces make no difference.
//
// The first byte says how large the pieces are.
#include "fuzz/target.h"
#include "http/response_parser.h"

using namespace quoll;

namespace {

struct Result {
  http::ResponseParser::State state = http::ResponseParser::State::head;
  int status = 0;
  std::string body;
  std::optional<std::string> field;
  bool operator==(const Result&) const = default;
};

Result parse(std::string_view input, std::size_t piece) {
  using State = http::ResponseParser::State;
  Result result;
  http::ResponseParser parser([&](std::string_view bytes) {
    QUOLL_CHECK(!bytes.empty() && result.body.size() + bytes.size() <= input.size(), "a body is a part of what came");
    result.body += bytes;
    return true;
  });
  for (std::size_t at = 0; at < input.size(); at += piece) parser.put(input.substr(at, piece));
  parser.end();
  result.state = parser.state();
  QUOLL_CHECK(result.state == State::complete || result.state == State::failed, "at the end it is known");
  if (result.state == State::failed) return {result.state, 0, {}, {}};
  result.status = parser.status();
  result.field = parser.field("last_zxid");
  return result;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input = fuzz::view(data, size).substr(1);
  QUOLL_CHECK(parse(input, input.size() + 1) == parse(input, 1 + std::size_t{data[0]}), "pieces make no difference");
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int) {
  return LLVMFuzzerMutate(data, size, max_size);
}
