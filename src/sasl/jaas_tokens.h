// Splits a JAAS file into words, quoted strings and symbols, as Java's StreamTokenizer does.
#pragma once

#include <string>
#include <string_view>

namespace quoll::sasl {

struct Token {
  enum Kind {
    end,
    word,
    quoted,  // text: without the quotes, escapes decoded
    symbol,  // text: one of { } ; =
    broken,  // text: the error
  };
  Kind kind = end;
  std::string text;
  int line = 1;
};

class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}
  Token next();

 private:
  bool skip_blanks_and_comments();
  Token quoted();
  std::string escape();

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace quoll::sasl
