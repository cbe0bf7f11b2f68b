#include "server/session_ids.h"

#include "session/session_id.h"
#include "store/session_id_mark.h"

namespace quoll::server {

namespace {
constexpr std::uint64_t kRange = std::uint64_t{1} << 56;
constexpr std::int64_t kTryAgainMs = 1000;
// An hour and ten minutes of clock time.
constexpr std::uint64_t kBlocksSkippedMax = 1024;

std::uint64_t offset_of(SessionId id) {
  return static_cast<std::uint64_t>(id.value()) & (kRange - 1);
}
}  // namespace

std::optional<SessionId> SessionIds::later(std::optional<SessionId> one, std::optional<SessionId> other) {
  if (!one || !other) return one ? one : other;
  return ((offset_of(*other) - offset_of(*one)) & (kRange - 1)) < kRange / 2 ? other : one;
}

SessionId SessionIds::after(SessionId id, std::int64_t count) const {
  std::uint64_t offset = (offset_of(id) + static_cast<std::uint64_t>(count)) & (kRange - 1);
  // 0 asks for a new session, and INT64_MIN is the owner of containers.
  if (offset == 0) offset = 1;
  return SessionId{static_cast<std::int64_t>(static_cast<std::uint64_t>(server_.value()) << 56 | offset)};
}

std::expected<void, std::string> SessionIds::start(const std::string& directory, std::optional<SessionId> newest) {
  directory_ = directory;
  auto mark = store::read_session_id_mark(env_.disk, directory_);
  if (!mark) return std::unexpected(mark.error());
  if (!mark->report.empty()) env_.log.warn("{}", mark->report);
  // The directory may have been another server's.
  if (mark->end && session::server_of(*mark->end) != server_) mark->end.reset();
  next_ = *later(session::first_session_id(env_.clock.wall_ms(), server_), mark->end);
  if (newest) go_above(*newest);
  left_ = 0;
  is_extending_ = true;
  on_extended(store::write_session_id_mark(env_.disk, directory_, after(next_, kBlock)));
  return {};
}

bool SessionIds::go_above(SessionId known) {
  if (*later(next_, after(known, 1)) == next_) return false;
  const auto skipped = static_cast<std::int64_t>(1 + env_.random.below(kBlocksSkippedMax));
  next_ = after(known, skipped * kBlock);
  return true;
}

void SessionIds::pass(SessionId known) {
  if (!go_above(known)) return;
  left_ = 0;
  passed_ = true;
  extend();
}

std::optional<SessionId> SessionIds::next() {
  if (left_ < kBlock / 2) extend();
  if (left_ == 0) return std::nullopt;
  const SessionId given = next_;
  next_ = after(next_, 1);
  --left_;
  return given;
}

void SessionIds::extend() {
  if (is_extending_ || env_.clock.elapsed_ms() < try_again_ms_) return;
  is_extending_ = true;
  passed_ = false;
  if (worker_ == nullptr) worker_ = env_.workers.start("session-ids");
  auto result = std::make_shared<env::DiskResult<void>>();
  worker_->run([result, &disk = env_.disk, directory = directory_,
                end = after(next_, left_ + kBlock)] { *result = store::write_session_id_mark(disk, directory, end); },
               [this, result] { on_extended(*result); });
}

void SessionIds::on_extended(const env::DiskResult<void>& result) {
  is_extending_ = false;
  // What was recorded is below the ids to come.
  if (result && passed_) return extend();
  if (result) {
    left_ += kBlock;
    return;
  }
  try_again_ms_ = env_.clock.elapsed_ms() + kTryAgainMs;
  env_.log.warn("The session ids to come cannot be recorded: {}. {} more sessions can be opened until they are",
                result.error().text, left_);
}

}  // namespace quoll::server
