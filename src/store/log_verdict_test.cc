#include "store/log_verdict.h"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <set>

namespace quoll::store {
namespace {

using enum Place;
using enum HeaderState;

struct Case {
  std::string_view row;
  LogEndFacts facts;
  Verdict verdict;
};

// place, header, has_entries, state, promise, tail, continues
constexpr auto kZeros = EntryState::zeros;
constexpr auto kEnd = EntryState::end_of_file;
constexpr auto kShort = EntryState::truncated;
constexpr auto kLength = EntryState::bad_length;
constexpr auto kNoEndMark = EntryState::no_end_mark;
constexpr auto kSum = EntryState::bad_checksum;
constexpr auto kNoTxn = EntryState::no_txn;

const Case kCases[] = {
    {"older file: no good header", {older, torn, false, kEnd, Promise::unknown, Tail::zeros, false}, Verdict::refuse},
    {"older file: no good header", {older, foreign, false, kEnd, Promise::kept, Tail::bytes, true}, Verdict::refuse},
    {"no good header, but the mark promises entries",
     {newest, torn, false, kEnd, Promise::broken, Tail::zeros, false},
     Verdict::refuse},
    {"no good header, and the mark can't be read",
     {newest, torn, false, kEnd, Promise::unreadable, Tail::zeros, false},
     Verdict::refuse},
    {"no good header, the mark promises nothing yet, only zeros",
     {newest, torn, false, kEnd, Promise::kept, Tail::zeros, false},
     Verdict::remove},
    {"no good header, the mark promises nothing yet, bytes",
     {newest, foreign, false, kEnd, Promise::kept, Tail::bytes, false},
     Verdict::set_aside},
    {"no good header, the mark promises nothing yet, bytes",
     {newest, torn, false, kEnd, Promise::kept, Tail::entries, false},
     Verdict::set_aside},
    {"no mark: an unfinished header, only zeros after it",
     {newest, torn, false, kEnd, Promise::unknown, Tail::zeros, false},
     Verdict::remove},
    {"no mark: an unfinished header, bytes after it, but no entry",
     {newest, torn, false, kEnd, Promise::unknown, Tail::bytes, false},
     Verdict::set_aside},
    {"no mark: another program's header, or an entry after an unfinished one",
     {newest, foreign, false, kEnd, Promise::unknown, Tail::bytes, false},
     Verdict::refuse},
    {"no mark: another program's header, or an entry after an unfinished one",
     {newest, torn, false, kEnd, Promise::unknown, Tail::entries, false},
     Verdict::refuse},
    {"older file: it ends after an entry, as Apache's server leaves a file that it has truncated",
     {older, good, true, kEnd, Promise::broken, Tail::zeros, false},
     Verdict::clean},
    {"anything but a good entry before the durable offset",
     {newest, good, true, kEnd, Promise::broken, Tail::zeros, false},
     Verdict::refuse},
    {"anything but a good entry before the durable offset",
     {newest, good, true, kZeros, Promise::broken, Tail::zeros, false},
     Verdict::refuse},
    {"anything but a good entry before the durable offset",
     {older, good, true, kSum, Promise::broken, Tail::entries, true},
     Verdict::refuse},
    {"no entry, only zeros, and the mark can't be read",
     {newest, good, false, kZeros, Promise::unreadable, Tail::zeros, false},
     Verdict::refuse},
    {"no entry, only zeros", {newest, good, false, kZeros, Promise::kept, Tail::zeros, false}, Verdict::remove},
    {"no entry, only zeros", {newest, good, false, kEnd, Promise::unknown, Tail::zeros, false}, Verdict::remove},
    {"zeros up to the end of the file",
     {newest, good, true, kZeros, Promise::kept, Tail::zeros, false},
     Verdict::clean},
    {"zeros up to the end of the file",
     {newest, good, true, kZeros, Promise::unreadable, Tail::zeros, false},
     Verdict::clean},
    {"zeros up to the end of the file",
     {older, good, false, kZeros, Promise::unknown, Tail::zeros, false},
     Verdict::clean},
    {"older file: a bad tail, and the next file or the snapshot continues where the entries end",
     {older, good, true, kShort, Promise::unknown, Tail::bytes, true},
     Verdict::pass_over},
    {"older file: a bad tail, and transactions are missing after it",
     {older, good, true, kShort, Promise::unknown, Tail::bytes, false},
     Verdict::refuse},
    {"a bad tail, and the mark can't be read",
     {newest, good, true, kShort, Promise::unreadable, Tail::bytes, false},
     Verdict::refuse},
    {"a bad tail, and the mark can't be read",
     {newest, good, false, kNoEndMark, Promise::unreadable, Tail::bytes, false},
     Verdict::refuse},
    {"no mark: a good entry after a bad one",
     {newest, good, true, kShort, Promise::unknown, Tail::entries, false},
     Verdict::refuse},
    {"no mark: a whole entry with a wrong checksum",
     {newest, good, true, kSum, Promise::unknown, Tail::bytes, false},
     Verdict::refuse},
    {"no mark: a whole entry with a wrong checksum",
     {newest, good, true, kNoTxn, Promise::unknown, Tail::bytes, false},
     Verdict::refuse},
    {"a bad tail after the durable offset or without a mark, and no entry before it",
     {newest, good, false, kSum, Promise::kept, Tail::entries, false},
     Verdict::set_aside},
    {"a bad tail after the durable offset or without a mark, and no entry before it",
     {newest, good, false, kShort, Promise::unknown, Tail::bytes, false},
     Verdict::set_aside},
    {"a bad tail after the durable offset or without a mark",
     {newest, good, true, kSum, Promise::kept, Tail::entries, false},
     Verdict::cut},
    {"a bad tail after the durable offset or without a mark",
     {newest, good, true, kNoEndMark, Promise::unknown, Tail::bytes, false},
     Verdict::cut},
    {"a bad tail after the durable offset or without a mark",
     {newest, good, true, kLength, Promise::unknown, Tail::bytes, false},
     Verdict::cut},
    {"a bad tail after the durable offset or without a mark",
     {newest, good, true, kZeros, Promise::kept, Tail::bytes, false},
     Verdict::cut},
};

template <typename Visit>
void for_all_facts(Visit&& visit) {
  for (const Place place : {newest, older}) {
    for (const HeaderState header : {good, torn, foreign}) {
      for (const bool has_entries : {false, true}) {
        for (const EntryState state : {kEnd, kZeros, kShort, kLength, kNoEndMark, kSum, kNoTxn}) {
          for (const Promise promise : {Promise::unknown, Promise::unreadable, Promise::kept, Promise::broken}) {
            for (const Tail tail : {Tail::zeros, Tail::bytes, Tail::entries}) {
              for (const bool continues : {false, true})
                visit(LogEndFacts{place, header, has_entries, state, promise, tail, continues});
            }
          }
        }
      }
    }
  }
}

TEST(LogVerdict, each_row_decides_its_case) {
  std::set<std::string_view> seen;
  for (const Case& each : kCases) {
    const VerdictRow& row = judge_log_end(each.facts);
    EXPECT_EQ(row.text, each.row);
    EXPECT_EQ(row.verdict, each.verdict) << each.row;
    seen.insert(row.text);
  }
  EXPECT_EQ(seen.size(), verdict_rows().size()) << "a row without a case";
}

TEST(LogVerdict, promised_or_possibly_promised_bytes_are_never_removed) {
  for_all_facts([](const LogEndFacts& facts) {
    const Verdict verdict = judge_log_end(facts).verdict;
    const bool takes_away = verdict == Verdict::remove || verdict == Verdict::set_aside || verdict == Verdict::cut;
    if (!takes_away) return;
    EXPECT_NE(facts.promise, Promise::broken);
    EXPECT_NE(facts.promise, Promise::unreadable);
    EXPECT_EQ(facts.place, newest);
    EXPECT_TRUE(verdict != Verdict::remove || facts.tail == Tail::zeros) << "bytes are kept";
    EXPECT_TRUE(facts.promise != Promise::unknown || facts.tail != Tail::entries) << "a good entry is no torn write";
  });
}

TEST(LogVerdict, the_format_page_has_the_same_table) {
  std::ifstream in(QUOLL_SOURCE_DIR "/docs/formats/log.md");
  const std::string page((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto name = [](Verdict verdict) {
    constexpr std::string_view kNames[] = {"clean", "passed over", "removed", "set aside", "cut off", "refused"};
    return kNames[static_cast<std::size_t>(verdict)];
  };
  std::size_t at = 0;
  for (const VerdictRow& row : verdict_rows()) {
    const std::string line = "| " + std::string(row.text) + " | " + std::string(name(row.verdict)) + " |";
    at = page.find(line, at);
    ASSERT_NE(at, std::string::npos) << line;
  }
}

}  // namespace
}  // namespace quoll::store
