#include "store/log_verdict.h"

#include <algorithm>

#include "base/check.h"

namespace quoll::store {

namespace {

template <typename... Values>
constexpr std::uint8_t one_of(Values... values) {
  return static_cast<std::uint8_t>((0U | ... | (1U << static_cast<unsigned>(values))));
}

using enum Place;
using enum HeaderState;
using enum EntryState;

constexpr std::uint8_t kAny = 0xff;
constexpr std::uint8_t kNewest = one_of(newest);
constexpr std::uint8_t kOlder = one_of(older);
constexpr std::uint8_t kGood = one_of(good);
constexpr std::uint8_t kBad = one_of(torn, foreign);
constexpr std::uint8_t kNo = one_of(false);
constexpr std::uint8_t kYes = one_of(true);
constexpr std::uint8_t kNothing = one_of(end_of_file, EntryState::zeros);
// Completely written but altered entries. Apache's server does not skip them either.
constexpr std::uint8_t kWrong = one_of(bad_checksum, no_txn);
constexpr std::uint8_t kUnknown = one_of(Promise::unknown);
constexpr std::uint8_t kUnreadable = one_of(Promise::unreadable);
constexpr std::uint8_t kKept = one_of(Promise::kept);
constexpr std::uint8_t kBroken = one_of(Promise::broken);
constexpr std::uint8_t kZeros = one_of(Tail::zeros);
constexpr std::uint8_t kEntries = one_of(Tail::entries);

// places, headers, has_entries, states, promises, tails, continues
constexpr VerdictRow kRows[] = {
    {"older file: no good header", kOlder, kBad, kAny, kAny, kAny, kAny, kAny, Verdict::refuse},
    {"no good header, but the mark promises entries", kNewest, kBad, kAny, kAny, kBroken, kAny, kAny, Verdict::refuse},
    {"no good header, and the mark can't be read", kNewest, kBad, kAny, kAny, kUnreadable, kAny, kAny, Verdict::refuse},
    {"no good header, the mark promises nothing yet, only zeros", kNewest, kBad, kAny, kAny, kKept, kZeros, kAny,
     Verdict::remove},
    {"no good header, the mark promises nothing yet, bytes", kNewest, kBad, kAny, kAny, kKept, kAny, kAny,
     Verdict::set_aside},
    {"no mark: an unfinished header, only zeros after it", kNewest, one_of(torn), kAny, kAny, kUnknown, kZeros, kAny,
     Verdict::remove},
    {"no mark: an unfinished header, bytes after it, but no entry", kNewest, one_of(torn), kAny, kAny, kUnknown,
     one_of(Tail::bytes), kAny, Verdict::set_aside},
    {"no mark: another program's header, or an entry after an unfinished one", kNewest, kBad, kAny, kAny, kAny, kAny,
     kAny, Verdict::refuse},
    {"older file: it ends after an entry, as Apache's server leaves a file that it has truncated", kOlder, kGood, kAny,
     one_of(end_of_file), kAny, kAny, kAny, Verdict::clean},
    {"anything but a good entry before the durable offset", kAny, kGood, kAny, kAny, kBroken, kAny, kAny,
     Verdict::refuse},
    {"no entry, only zeros, and the mark can't be read", kNewest, kGood, kNo, kNothing, kUnreadable, kZeros, kAny,
     Verdict::refuse},
    {"no entry, only zeros", kNewest, kGood, kNo, kNothing, kAny, kZeros, kAny, Verdict::remove},
    {"zeros up to the end of the file", kAny, kGood, kAny, kAny, kAny, kZeros, kAny, Verdict::clean},
    {"older file: a bad tail, and the next file or the snapshot continues where the entries end", kOlder, kGood, kAny,
     kAny, kAny, kAny, kYes, Verdict::pass_over},
    {"older file: a bad tail, and transactions are missing after it", kOlder, kGood, kAny, kAny, kAny, kAny, kNo,
     Verdict::refuse},
    {"a bad tail, and the mark can't be read", kNewest, kGood, kAny, kAny, kUnreadable, kAny, kAny, Verdict::refuse},
    {"no mark: a good entry after a bad one", kNewest, kGood, kAny, kAny, kUnknown, kEntries, kAny, Verdict::refuse},
    {"no mark: a whole entry with a wrong checksum", kNewest, kGood, kAny, kWrong, kUnknown, kAny, kAny,
     Verdict::refuse},
    {"a bad tail after the durable offset or without a mark, and no entry before it", kNewest, kGood, kNo, kAny, kAny,
     kAny, kAny, Verdict::set_aside},
    {"a bad tail after the durable offset or without a mark", kAny, kAny, kAny, kAny, kAny, kAny, kAny, Verdict::cut},
};

template <typename Value>
bool names(std::uint8_t set, Value value) {
  return (set >> static_cast<unsigned>(value) & 1U) != 0;
}

bool matches(const VerdictRow& row, const LogEndFacts& facts) {
  return names(row.places, facts.place) && names(row.headers, facts.header) &&
         names(row.has_entries, facts.has_entries) && names(row.states, facts.state) &&
         names(row.promises, facts.promise) && names(row.tails, facts.tail) && names(row.continues, facts.continues);
}

}  // namespace

std::span<const VerdictRow> verdict_rows() {
  return kRows;
}

const VerdictRow& judge_log_end(const LogEndFacts& facts) {
  const auto row = std::ranges::find_if(kRows, [&](const VerdictRow& each) { return matches(each, facts); });
  QUOLL_CHECK(row != std::end(kRows), "the last row matches everything");
  return *row;
}

}  // namespace quoll::store
