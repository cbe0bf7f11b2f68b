// The path of watches, stored once for all tables that have watches on it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace quoll::watch {

// Immutable; copies share the text.
class SharedPath {
 public:
  explicit SharedPath(std::string_view path)
      : text_(std::make_shared_for_overwrite<char[]>(path.size())), bytes_(path.size()) {
    path.copy(text_.get(), path.size());
  }

  [[nodiscard]] std::string_view view() const { return {text_.get(), bytes_}; }
  operator std::string_view() const { return view(); }
  friend bool operator==(const SharedPath& a, const SharedPath& b) { return a.view() == b.view(); }
  friend bool operator==(const SharedPath& a, std::string_view b) { return a.view() == b; }

 private:
  std::shared_ptr<char[]> text_;
  std::size_t bytes_;
};

}  // namespace quoll::watch
