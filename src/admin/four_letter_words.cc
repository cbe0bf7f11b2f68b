#include "admin/four_letter_words.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "admin/words.h"

namespace quoll::admin {

namespace {

// What is said while the server does not serve.
enum class Idle { answers, says_so, says_so_without_newline, says_null };

struct Word {
  std::string_view name;
  std::string (*say)(const Question&);
  Idle idle = Idle::says_so;
  std::unique_ptr<server::LongAnswer> (*tell)(const Question&) = nullptr;
};

// What telnet sends when its user gives up; not worth a line in the log.
constexpr std::string_view kTelnetBreak = "\xff\xf4\xff\xfd";

constexpr std::string_view kTelnetName = "telnet close";

constexpr std::array kWords{
    Word{"conf", say_conf},
    Word{"cons", nullptr, Idle::says_so, tell_cons},
    Word{"crst", say_crst},
    Word{"dirs", say_dirs},
    Word{"dump", nullptr, Idle::says_so, tell_dump},
    Word{"envi", say_envi, Idle::answers},
    Word{"hash", say_hash, Idle::says_so_without_newline},
    Word{"isro", say_isro, Idle::says_null},
    Word{"mntr", say_mntr},
    Word{"ruok", say_ruok, Idle::answers},
    Word{"srst", say_srst},
    Word{"srvr", say_srvr},
    Word{"stat", nullptr, Idle::says_so, tell_stat},
    Word{"wchc", nullptr, Idle::says_so, tell_wchc},
    Word{"wchp", nullptr, Idle::says_so, tell_wchp},
    Word{"wchs", say_wchs},
};

const Word* find(std::string_view word) {
  const auto at = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.name == word; });
  return at == kWords.end() ? nullptr : &*at;
}

std::string say_idle(Idle idle) {
  if (idle == Idle::says_null) return "null";
  return fmt::format("This ZooKeeper instance is not currently serving requests{}", idle == Idle::says_so ? "\n" : "");
}

}  // namespace

bool FourLetterWords::knows(std::string_view word) const {
  return find(word) != nullptr || word == "gtmk" || word == "stmk" || word == kTelnetBreak;
}

std::unique_ptr<server::LongAnswer> FourLetterWords::long_answer(std::string_view word, const env::Address& from) {
  const Word* const known = find(word);
  if (known == nullptr || known->tell == nullptr || !whitelist_.allows(word) || !server_.is_serving()) return nullptr;
  return known->tell(Question{server_, facts_, from});
}

std::string FourLetterWords::answer(std::string_view word, std::string_view rest, const env::Address& from) {
  const std::string_view name = word == kTelnetBreak ? kTelnetName : word;
  if (!whitelist_.allows(name)) return fmt::format("{} is not executed because it is not in the whitelist.\n", name);
  if (word == "gtmk") return fmt::format("{}", trace_mask_);
  if (word == "stmk") return set_trace_mask(rest);
  const Word* const known = find(word);
  if (known == nullptr) return {};
  if (known->idle != Idle::answers && !server_.is_serving()) return say_idle(known->idle);
  return known->say(Question{server_, facts_, from});
}

std::string FourLetterWords::set_trace_mask(std::string_view rest) {
  // As Apache, who reads once: a mask that has not come along with its word is none.
  if (rest.size() < 8) return {};
  std::uint64_t mask = 0;
  for (int i = 0; i < 8; ++i) mask = mask << 8 | static_cast<unsigned char>(rest[static_cast<std::size_t>(i)]);
  trace_mask_ = static_cast<std::int64_t>(mask);
  return fmt::format("{}", trace_mask_);
}

}  // namespace quoll::admin
