// Makes distinct integer types for distinct ids, so that a SessionId is not passed for a Zxid by accident.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace quoll::base {

template <typename Tag, typename Rep>
class Strong {
 public:
  using rep = Rep;
  constexpr Strong() = default;
  constexpr explicit Strong(Rep value) : value_(value) {}
  [[nodiscard]] constexpr Rep value() const { return value_; }
  friend constexpr auto operator<=>(Strong, Strong) = default;

 private:
  Rep value_{};
};

}  // namespace quoll::base

template <typename Tag, typename Rep>
struct std::hash<quoll::base::Strong<Tag, Rep>> {
  std::size_t operator()(quoll::base::Strong<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value()); }
};
