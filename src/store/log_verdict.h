// Decides what to do about the end of a transaction log, from a table: facts in, verdict out. log_cursor gathers the
// facts; log_repair makes the changes to files. docs/formats/log.md contains the same table.
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
  unreadable,  // the mark exists, but neither of its two records is complete
  kept,        // everything that the mark promises is before the end
  broken,      // the mark promises bytes at or after the end
};

// What follows the last good entry.
enum class Tail : std::uint8_t {
  zeros,    // or nothing
  bytes,    // something other than zeros
  entries,  // a whole entry among them
};

struct LogEndFacts {
  Place place = Place::newest;
  HeaderState header = HeaderState::good;
  bool has_entries = false;                    // at least one good entry
  EntryState state = EntryState::end_of_file;  // what is found instead of the next entry; valid if the header is good
  Promise promise = Promise::unknown;
  Tail tail = Tail::zeros;
  bool continues = false;  // for an older file: the next file or the loaded state continues where the entries end
};

enum class Verdict : std::uint8_t {
  clean,      // the history ends here or continues in the next file
  pass_over,  // the bad bytes are left in place; nothing is missing
  remove,     // the file has no content
  set_aside,  // the file is renamed: it contains bytes, but no transaction
  cut,        // the bytes after the last good entry are moved to a file of their own
  refuse,     // the start is refused, and nothing is changed
};

// One row of the table. It matches if each fact is in the row's set. The first matching row decides.
struct VerdictRow {
  std::string_view text;  // as in docs/formats/log.md
  std::uint8_t places;
  std::uint8_t headers;
  std::uint8_t has_entries;
  std::uint8_t states;
  std::uint8_t promises;
  std::uint8_t tails;
  std::uint8_t continues;
  Verdict verdict;
};

// The last row matches everything.
std::span<const VerdictRow> verdict_rows();
// Returns the first matching row.
const VerdictRow& judge_log_end(const LogEndFacts& facts);

}  // namespace quoll::store
