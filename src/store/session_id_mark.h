// quoll.session-ids: a decimal number that exceeds every session id this server has given out. It outlives the
// sessions, so that ids do not repeat although the wall clock was set back, and although a closed session is neither in
// the snapshot nor in the log after it.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "env/disk.h"
#include "types/ids.h"

namespace quoll::store {

struct SessionIdMark {
  std::optional<SessionId> end;  // no id from here on was given; nullopt: the file is missing or says nothing
  std::string report;            // for people, if the file is there but is no number
};

// The error is the disk's, as a sentence for people.
std::expected<SessionIdMark, std::string> read_session_id_mark(env::Disk& disk, const std::string& directory);

// Durable when it returns.
env::DiskResult<void> write_session_id_mark(env::Disk& disk, const std::string& directory, SessionId end);

}  // namespace quoll::store
