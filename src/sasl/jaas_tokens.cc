#include "sasl/jaas_tokens.h"

#include <fmt/format.h>

namespace quoll::sasl {
namespace {

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._-$*").contains(c) || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

Token Tokens::next() {
  const int start = line_;
  if (!skip_blanks_and_comments()) return {Token::broken, "a comment that starts with /* is not closed", start};
  if (at_ == text_.size()) return {Token::end, {}, line_};
  const char c = text_[at_];
  if (c == '"') return quoted();
  if (std::string_view("{};=").contains(c)) {
    ++at_;
    return {Token::symbol, std::string(1, c), line_};
  }
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_word_char(text_[at_])) ++at_;
  if (at_ > begin) return {Token::word, std::string(text_.substr(begin, at_ - begin)), line_};
  if (c == '#') return {Token::broken, "comments start with //, not with #", line_};
  if (c == '\'') return {Token::broken, "strings must be in double quotes", line_};
  return {Token::broken,
          fmt::format("a character (code {}) that must be in double quotes", static_cast<unsigned char>(c)), line_};
}

// Returns false if a comment is not closed.
bool Tokens::skip_blanks_and_comments() {
  while (at_ < text_.size()) {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (rest.starts_with("/*")) {
      const std::size_t close = text_.find("*/", at_ + 2);
      if (close == text_.npos) return false;
      for (; at_ < close + 2; ++at_) line_ += text_[at_] == '\n';
    } else if (static_cast<unsigned char>(text_[at_]) <= ' ') {
      line_ += text_[at_++] == '\n';
    } else {
      return true;
    }
  }
  return true;
}

Token Tokens::quoted() {
  Token token{Token::quoted, {}, line_};
  for (++at_; at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r';) {
    const char c = text_[at_++];
    if (c == '"') return token;
    token.text += c == '\\' ? escape() : std::string(1, c);
  }
  return {Token::broken, "a string has no closing quote on its line", token.line};
}

// Decodes what follows a backslash: C's escape letters, up to three octal digits, or the character itself.
std::string Tokens::escape() {
  if (at_ == text_.size()) return {};
  const auto is_octal = [&](std::size_t at) { return at < text_.size() && text_[at] >= '0' && text_[at] <= '7'; };
  if (is_octal(at_)) {
    const std::size_t digits_max = text_[at_] <= '3' ? 3 : 2;
    unsigned code = 0;
    for (std::size_t i = 0; i < digits_max && is_octal(at_); ++i)
      code = code * 8 + static_cast<unsigned>(text_[at_++] - '0');
    // An octal escape is a character in Java; here it is encoded as UTF-8.
    if (code < 0x80) return std::string(1, static_cast<char>(code));
    return {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
  }
  const char c = text_[at_++];
  constexpr std::string_view kLetters = "abfnrtv";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v";
  const std::size_t which = kLetters.find(c);
  return std::string(1, which == kLetters.npos ? c : kMeanings[which]);
}

}  // namespace quoll::sasl
