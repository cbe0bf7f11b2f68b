// A password or its digest: kept from logs by having no form to print.
#pragma once

#include <string>
#include <utility>

namespace quoll::config {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] bool empty() const { return text_.empty(); }
  // The only way to the text; whoever calls it must not log it.
  [[nodiscard]] const std::string& reveal() const { return text_; }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string text_;
};

}  // namespace quoll::config
