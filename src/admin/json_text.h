// Writes JSON in pieces, laid out as Apache's AdminServer does it (Jackson's default pretty printer). Strings are
// encoded by Boost.JSON; this class knows only the layout.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quoll::admin {

class JsonText {
 public:
  void begin_object() { begin('{', Kind::object); }
  void end_object() { end('}'); }
  void begin_array() { begin('[', Kind::array); }
  void end_array() { end(']'); }
  // In an object, before each value.
  void key(std::string_view name);

  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(std::int64_t number);
  void value(int number) { value(std::int64_t{number}); }
  void value(std::size_t number) { value(static_cast<std::int64_t>(number)); }
  void value(double number);  // as Java prints it
  void value(bool truth);
  void null();

  template <typename Value>
  void field(std::string_view name, const Value& what) {
    key(name);
    value(what);
  }
  // Whether the outermost object has a field "error".
  [[nodiscard]] bool has_error() const { return has_error_; }
  // What has been written since the last call.
  [[nodiscard]] std::string take() { return std::exchange(out_, {}); }

 private:
  enum class Kind { object, array };
  struct Level {
    Kind kind;
    bool empty = true;
  };
  void begin(char bracket, Kind kind);
  void end(char bracket);
  void begin_value();
  void new_line();

  std::string out_;
  std::vector<Level> levels_;
  std::size_t objects_ = 0;  // of levels_
  bool has_key_ = false;
  bool has_error_ = false;
};

}  // namespace quoll::admin
