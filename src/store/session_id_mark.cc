#include "store/session_id_mark.h"

#include <fmt/format.h>

#include "store/file_names.h"
#include "store/small_file.h"

namespace quoll::store {

namespace {
std::string path_in(const std::string& directory) {
  return fmt::format("{}/{}", directory, kSessionIdsName);
}
}  // namespace

std::expected<SessionIdMark, std::string> read_session_id_mark(env::Disk& disk, const std::string& directory) {
  const std::string path = path_in(directory);
  const auto text = read_small_file(disk, path);
  if (!text) return std::unexpected(text.error());
  if (!*text) return SessionIdMark{};
  if (const auto number = decimal(first_line(**text))) return SessionIdMark{SessionId{*number}, {}};
  return SessionIdMark{std::nullopt,
                       fmt::format("{} does not contain a number and is written anew. If the wall clock was set back "
                                   "since the last start, a new session may get the id of one that was closed",
                                   path)};
}

env::DiskResult<void> write_session_id_mark(env::Disk& disk, const std::string& directory, SessionId end) {
  return replace_small_file(disk, directory, path_in(directory), fmt::format("{}\n", end.value()));
}

}  // namespace quoll::store
