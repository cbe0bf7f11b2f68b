#include "admin/json_text.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string_view.hpp>
#include <fmt/format.h>
#include <iterator>

#include "admin/java_text.h"
#include "base/check.h"
#include "base/utf8.h"

namespace quoll::admin {

namespace {

// With each byte that is not ASCII replaced, for text that is no UTF-8, which no JSON may contain.
std::string ascii_only(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else {
      out += "\xef\xbf\xbd";  // U+FFFD
    }
  }
  return out;
}

std::string quoted(std::string_view text) {
  if (!base::is_valid_utf8(text)) return quoted(ascii_only(text));
  return boost::json::serialize(boost::json::string_view(text.data(), text.size()));
}

}  // namespace

void JsonText::new_line() {
  out_ += '\n';
  out_.append(objects_ * 2, ' ');
}

void JsonText::key(std::string_view name) {
  QUOLL_CHECK(!levels_.empty() && levels_.back().kind == Kind::object && !has_key_, "a key stands in an object");
  if (!levels_.back().empty) out_ += ',';
  levels_.back().empty = false;
  new_line();
  if (levels_.size() == 1 && name == "error") has_error_ = true;
  out_ += quoted(name);
  out_ += " : ";
  has_key_ = true;
}

void JsonText::begin_value() {
  has_key_ = false;
  if (levels_.empty() || levels_.back().kind == Kind::object) return;
  out_ += levels_.back().empty ? " " : ", ";
  levels_.back().empty = false;
}

void JsonText::begin(char bracket, Kind kind) {
  begin_value();
  out_ += bracket;
  levels_.push_back({kind});
  if (kind == Kind::object) ++objects_;
}

void JsonText::end(char bracket) {
  QUOLL_CHECK(!levels_.empty() && !has_key_, "only what was begun is ended");
  const Level level = levels_.back();
  levels_.pop_back();
  if (level.kind == Kind::object) --objects_;
  if (level.kind == Kind::array || level.empty) {
    out_ += ' ';
  } else {
    new_line();
  }
  out_ += bracket;
}

void JsonText::value(std::string_view text) {
  begin_value();
  out_ += quoted(text);
}

void JsonText::value(std::int64_t number) {
  begin_value();
  fmt::format_to(std::back_inserter(out_), "{}", number);
}

void JsonText::value(double number) {
  begin_value();
  out_ += java_double(number);
}

void JsonText::value(bool truth) {
  begin_value();
  out_ += truth ? "true" : "false";
}

void JsonText::null() {
  begin_value();
  out_ += "null";
}

}  // namespace quoll::admin
