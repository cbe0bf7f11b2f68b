// A password or its digest. It cannot be printed, which keeps it out of logs.
#pragma once

#include <string>
#include <utility>

namespace quoll::config {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] bool empty() const { return text_.empty(); }
  // The only access to the text; callers must not log it.
  [[nodiscard]] const std::string& reveal() const { return text_; }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string text_;
};

}  // namespace quoll::config
