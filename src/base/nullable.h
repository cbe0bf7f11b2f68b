// Jute's strings and buffers may be null, which differs from empty. These views and owners keep the difference.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quoll::base {

// A view of bytes owned elsewhere; may be null.
class NullableView {
 public:
  constexpr NullableView() = default;  // null
  constexpr NullableView(std::string_view bytes) : bytes_(bytes), present_(true) {}
  constexpr NullableView(const char* bytes) : bytes_(bytes), present_(true) {}
  NullableView(const std::string& bytes) : bytes_(bytes), present_(true) {}

  [[nodiscard]] constexpr bool is_null() const { return !present_; }
  // Empty if null: check is_null() first where the difference matters.
  [[nodiscard]] constexpr std::string_view view() const { return bytes_; }
  [[nodiscard]] constexpr std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::string str() const { return std::string(bytes_); }

  friend constexpr bool operator==(const NullableView&, const NullableView&) = default;

 private:
  std::string_view bytes_;
  bool present_ = false;
};

}  // namespace quoll::base
