// Takes a part of a history out of a source: a snapshot, and the transactions after it up to some point, as files with
// which a server starts. Backups are made so, and restored so.
//
// Every checksum is checked on the way, and what was written is read again. A transaction that is missing between two
// others is an error: with it missing, everything that follows would be applied to another state.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "apps/backup/source.h"
#include "store/log_file.h"

namespace quoll::apps::backup {

// The history up to a point, including it. Neither: all of it.
struct Until {
  std::optional<Zxid> zxid;
  // Milliseconds since 1970, as the leader's clock said when it proposed a transaction: up to the first later one.
  std::optional<std::int64_t> time_ms;
};

struct Extracted {
  Zxid snapshot;
  Zxid last;
  std::optional<std::int64_t> last_time_ms;  // of `last`; nullopt: nothing follows the snapshot
  std::int64_t transactions = 0;
  // False: the snapshot contains a part of what followed `last`.
  bool is_exact = true;
  std::vector<FileFacts> files;
  std::vector<std::string> notes;  // for people: what was passed over, and why
};

// The source or what was asked for is not what it should be, or a disk failed.
struct Trouble {
  enum Kind { bad, disk } kind = bad;
  std::string text;
};
inline Trouble bad(std::string text) {
  return {Trouble::bad, std::move(text)};
}
inline Trouble failed(const env::DiskError& error) {
  return {Trouble::disk, error.text};
}

// The base and the end of a part of a history.
struct Part {
  store::StoreFile snapshot;
  // Up to where the snapshot may contain changes; nullopt: it does not say.
  std::optional<Zxid> snapshot_end;
  std::optional<Zxid> until;  // nullopt: to the end
  std::vector<std::string> notes;
};

// The newest transaction in the logs at this moment. While a server appends to the newest log, whoever reads up to its
// end may find zeros there, and entries behind them a moment later, as in a damaged one; so a walk ends here. nullopt:
// there is none, or the end of the log is not as it should be, and whoever walks there will hear of it.
std::expected<std::optional<Zxid>, Trouble> end_of_logs(env::Disk& disk, const Source& source);

// Chooses the newest good snapshot that does not reach beyond the point.
std::expected<Part, Trouble> choose(env::Disk& disk, const Source& source, const Until& until);

// Writes the part into `directory`, which exists and holds none of its files. The files are durable; their names are
// after a sync of the directory.
std::expected<Extracted, Trouble> extract(env::Disk& disk, const Source& source, const Part& part,
                                          const std::string& directory, const OnBytes& on_bytes);

// Calls `on_entry` for each transaction of the part, in order, until it returns false.
using OnEntry = std::function<env::DiskResult<bool>(const store::StoreFile& file, const store::LogEntry& entry)>;
std::expected<void, Trouble> walk_transactions(env::Disk& disk, const Source& source, const Part& part,
                                               const OnEntry& on_entry);

}  // namespace quoll::apps::backup
