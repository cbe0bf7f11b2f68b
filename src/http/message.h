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

struct Answer;

// The body of an answer, produced in pieces so that other clients are served in between.
class Content {
 public:
  // broken: the answer cannot be completed; the connection is closed, so that its client notices. waits: there is
  // nothing yet, and the function of on_wait() will be called when there is.
  enum class Then { more, done, broken, waits };

  virtual ~Content() = default;
  // Appends the next small piece.
  virtual Then append_more(std::string& out) = 0;
  // Called once, before everything else. A content that returns `waits` keeps `wake`, and calls it from another event;
  // it must not call it after its own end. It has its own deadline: the port waits for it without one.
  virtual void on_wait(const std::function<void()>& /*wake*/) {}
  // Called once, before the head is sent: for what is known only when the first piece is there. It may change
  // everything in the answer but its body.
  virtual void complete_head(Answer&) {}
};

struct Answer {
  int status = 200;
  // Of a body that comes in pieces, if it is known: the client can tell a body that was cut from a whole one.
  std::optional<std::uint64_t> length;
  std::string type;  // Content-Type; empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string text;                  // the body, if `content` is not set
  std::unique_ptr<Content> content;  // nullptr: `text` is all
};

// Takes the body of a request while it arrives.
class Intake {
 public:
  // waits: enough for now; the function of on_wait() will be called when there can be more. refused: no more is wanted,
  // whatever it is; finish() has the reason.
  enum class Then { more, waits, refused };

  virtual ~Intake() = default;
  // Called once, before everything else. It calls `wake` from another event, and not after its own end.
  virtual void on_wait(const std::function<void()>& /*wake*/) {}
  // The next bytes, or none: then it says only how it is now. Not called again after it has refused.
  virtual Then take(std::string_view bytes) = 0;
  // The body is whole, or was refused. Called once, and nothing after it.
  virtual Answer finish() = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Called when the head of a request has arrived. nullptr: its body is not wanted; it is read and discarded, and then
  // answer() is called.
  virtual std::unique_ptr<Intake> intake(const Request&) { return nullptr; }
  // Called when the whole request has arrived, unless there is an intake for its body.
  virtual Answer answer(const Request& request) = 0;
};

}  // namespace quoll::http
