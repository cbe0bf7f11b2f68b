// One answer of an HTTP server as bytes, for tools that ask one. Its body is handed on as it comes, whatever its
// length.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace quoll::http {

class ResponseParser {
 public:
  enum class State { head, body, complete, failed };
  // False: no more is wanted; the state is failed then.
  using OnBody = std::function<bool(std::string_view bytes)>;

  explicit ResponseParser(OnBody on_body);
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  // Everything that comes, in order. What follows the answer is ignored.
  void put(std::string_view bytes);
  // The server has closed the connection: the end of a body without a length, and a failure otherwise.
  void end();
  [[nodiscard]] State state() const;
  // From State::body on.
  [[nodiscard]] int status() const;
  // The first field of that name, in any case.
  [[nodiscard]] std::optional<std::string> field(std::string_view name) const;

 private:
  struct Beast;
  std::unique_ptr<Beast> beast_;
};

}  // namespace quoll::http
