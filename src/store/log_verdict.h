// How a transaction log may end, and what recovery makes of it: facts in, verdict out, nothing else. log_cursor gathers
// the facts and log_repair carries out what changes a file. The table is the one of docs/formats/log.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "store/log_file.h"

namespace quoll::store {

enum class Place : std::uint8_t { newest, older };

// What the durable mark says about this file.
enum class Promise : std::uint8_t {
  unknown,     // there is no mark, or it is of another file
  unreadable,  // there is a mark, but neither of its two records is whole
  kept,        // everything that the mark promises lies before the end
  broken,      // the mark promises bytes at or behind the end
};

// What lies behind the last good entry.
enum class Tail : std::uint8_t {
  zeros,    // or nothing
  bytes,    // something other than zeros
  entries,  // a whole entry among them
};

struct LogEndFacts {
  Place place = Place::newest;
  HeaderState header = HeaderState::good;
  bool has_entries = false;                    // at least one good entry
  EntryState state = EntryState::end_of_file;  // what stands where the next entry should; header is good
  Promise promise = Promise::unknown;
  Tail tail = Tail::zeros;
  bool goes_on = false;  // an older file: the next file, or the state that was loaded, goes on where the entries end
};

enum class Verdict : std::uint8_t {
  clean,      // history ends here, or goes on in the next file
  pass_over,  // the bad bytes are left where they are; nothing is missing
  remove,     // the file holds nothing
  set_aside,  // the whole file is renamed: it holds bytes, but no transaction
  cut,        // the bytes behind the last good entry are moved to a file of their own
  refuse,     // the start is refused, and nothing is changed
};

// One row of the table: it fits if each fact is one of those that it names. The first row that fits decides.
struct VerdictRow {
  std::string_view text;  // as in docs/formats/log.md
  std::uint8_t places;
  std::uint8_t headers;
  std::uint8_t has_entries;
  std::uint8_t states;
  std::uint8_t promises;
  std::uint8_t tails;
  std::uint8_t goes_on;
  Verdict verdict;
};

// The last row fits everything.
std::span<const VerdictRow> verdict_rows();
// The row that decides.
const VerdictRow& judge_log_end(const LogEndFacts& facts);

}  // namespace quoll::store
