// Plain structs for one HTTP request and its answer, and the interface to whoever answers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "env/network.h"

namespace quoll::http {

struct Request {
  enum class Method { get, head, post, options, trace, other };
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  Method method = Method::other;
  std::string path;       // decoded, without the query: "/commands/ruok"
  Parameters parameters;  // decoded, in the order of the query; names may repeat
  std::optional<std::string> authorization;
  env::Address peer;

  // The first value of the parameter; nullopt if it was not given.
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const {
    for (const auto& [key, value] : parameters) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
};

// The body of an answer, produced in pieces so that other clients are served in between.
class Content {
 public:
  enum class Then { more, done, broken };

  virtual ~Content() = default;
  // Appends the next small piece. broken: the answer cannot be completed; the connection is closed, so that its client
  // notices.
  virtual Then append_more(std::string& out) = 0;
};

struct Answer {
  int status = 200;
  std::string type;  // Content-Type; empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string text;                  // the body, if `content` is not set
  std::unique_ptr<Content> content;  // nullptr: `text` is all
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Called when the whole request has arrived. A body is read and discarded.
  virtual Answer answer(const Request& request) = 0;
};

}  // namespace quoll::http
