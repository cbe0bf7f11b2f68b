#include "admin/four_letter_words.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "admin/words.h"

namespace quoll::admin {

namespace {

// What a word answers while the server is not serving.
enum class WhenNotServing { answer, refuse, refuse_without_newline, say_null };

struct Word {
  std::string_view name;
  std::string (*answer)(const Question&);
  WhenNotServing when_not_serving = WhenNotServing::refuse;
  std::unique_ptr<server::LongAnswer> (*long_answer)(const Question&) = nullptr;
  std::string (*change)(server::Server&) = nullptr;
};

// What telnet sends when its user interrupts it.
constexpr std::string_view kTelnetInterrupt = "\xff\xf4\xff\xfd";

constexpr std::string_view kTelnetName = "telnet close";

constexpr std::array kWords{
    Word{"conf", answer_conf},
    Word{"cons", nullptr, WhenNotServing::refuse, long_answer_cons},
    Word{"crst", nullptr, WhenNotServing::refuse, nullptr, reset_connection_stats},
    Word{"dirs", answer_dirs},
    Word{"dump", nullptr, WhenNotServing::refuse, long_answer_dump},
    Word{"envi", answer_envi, WhenNotServing::answer},
    Word{"hash", answer_hash, WhenNotServing::refuse_without_newline},
    Word{"isro", answer_isro, WhenNotServing::say_null},
    Word{"mntr", answer_mntr},
    Word{"ruok", answer_ruok, WhenNotServing::answer},
    Word{"srst", nullptr, WhenNotServing::refuse, nullptr, reset_server_stats},
    Word{"srvr", answer_srvr},
    Word{"stat", nullptr, WhenNotServing::refuse, long_answer_stat},
    Word{"wchc", nullptr, WhenNotServing::refuse, long_answer_wchc},
    Word{"wchp", nullptr, WhenNotServing::refuse, long_answer_wchp},
    Word{"wchs", answer_wchs},
};

const Word* find(std::string_view word) {
  const auto at = std::find_if(kWords.begin(), kWords.end(), [&](const Word& w) { return w.name == word; });
  return at == kWords.end() ? nullptr : &*at;
}

// An answer of which nothing is looked up before its turn comes.
class Prepared : public server::LongAnswer {
 public:
  using Begin = std::unique_ptr<server::LongAnswer> (*)(const Question&);
  Prepared(const Question& question, Begin begin)
      : server_(question.server), facts_(question.facts), from_(question.from), begin_(begin) {}
  bool append_more(std::string& out) override {
    if (answer_ == nullptr) answer_ = begin_(Question{server_, facts_, from_});
    return answer_->append_more(out);
  }

 private:
  const server::Server& server_;
  const Facts& facts_;
  const env::Address from_;
  const Begin begin_;
  std::unique_ptr<server::LongAnswer> answer_;
};

std::string refusal(WhenNotServing when_not_serving) {
  if (when_not_serving == WhenNotServing::say_null) return "null";
  return fmt::format("This ZooKeeper instance is not currently serving requests{}",
                     when_not_serving == WhenNotServing::refuse ? "\n" : "");
}

}  // namespace

bool FourLetterWords::knows(std::string_view word) const {
  return find(word) != nullptr || word == "gtmk" || word == "stmk" || word == kTelnetInterrupt;
}

std::unique_ptr<server::LongAnswer> FourLetterWords::long_answer(std::string_view word, const env::Address& from) {
  const Word* const known = find(word);
  if (known == nullptr || known->long_answer == nullptr || !whitelist_.allows(word) || !server_.is_serving())
    return nullptr;
  return std::make_unique<Prepared>(Question{server_, facts_, from}, known->long_answer);
}

std::string FourLetterWords::answer(std::string_view word, std::string_view rest, const env::Address& from) {
  const std::string_view name = word == kTelnetInterrupt ? kTelnetName : word;
  if (!whitelist_.allows(name)) return fmt::format("{} is not executed because it is not in the whitelist.\n", name);
  if (word == "gtmk") return fmt::format("{}", trace_mask_);
  if (word == "stmk") return set_trace_mask(rest);
  const Word* const known = find(word);
  if (known == nullptr) return {};
  if (known->when_not_serving != WhenNotServing::answer && !server_.is_serving())
    return refusal(known->when_not_serving);
  if (known->change != nullptr) return known->change(server_);
  return known->answer(Question{server_, facts_, from});
}

std::string FourLetterWords::set_trace_mask(std::string_view rest) {
  // Apache reads once for the mask. A mask that did not arrive in the same read as its word is ignored.
  if (rest.size() < 8) return {};
  std::uint64_t mask = 0;
  for (int i = 0; i < 8; ++i) mask = mask << 8 | static_cast<unsigned char>(rest[static_cast<std::size_t>(i)]);
  trace_mask_ = static_cast<std::int64_t>(mask);
  return fmt::format("{}", trace_mask_);
}

}  // namespace quoll::admin
