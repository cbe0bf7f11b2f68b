#include "machine/ops/quota_check.h"

#include <expected>
#include <fmt/format.h>

#include "base/utf8.h"

namespace quoll::machine::ops {

namespace {

// nullopt if there is no such znode. An error if its data cannot be parsed, at which Apache's server throws.
std::expected<std::optional<tree::StatsTrack>, Error> track_at(const State& state, const std::string& path) {
  const tree::NodeId id = state.tree.find(path);
  if (id == tree::kNoNode) return std::nullopt;
  const base::NullableView data = state.tree.node(id).data();
  auto track = data.is_null() ? std::nullopt : tree::StatsTrack::parse(data.view());
  if (!track) return std::unexpected(Error::marshalling_error);
  return track;
}

struct Limit {
  std::string_view what;
  std::int64_t used_after;
  std::int64_t soft;
  std::int64_t hard;
};

Error check(Preparation& p, std::string_view quota_path, const Limit& limit) {
  const bool is_hard = limit.hard > -1;
  const std::int64_t most = is_hard ? limit.hard : limit.soft;
  if (limit.used_after <= most) return Error::ok;
  p.notices.push_back(fmt::format("Quota exceeded: {} [current {}={}, {} limit={}]", base::escaped(quota_path),
                                  limit.what, limit.used_after, is_hard ? "hard" : "soft", most));
  return is_hard ? Error::quota_exceeded : Error::ok;
}

}  // namespace

Error check_quota(Preparation& p, std::string_view path, std::int64_t bytes_more, std::int64_t count_more) {
  const bool is_off = p.rules.quotas == Rules::soft_only;
  if (is_off || p.state.tree.quotas().empty()) return Error::ok;
  const std::string_view quota_path = p.state.tree.quotas().nearest(path);
  if (quota_path.empty()) return Error::ok;
  // If the limits cannot be parsed, every change is refused.
  const auto limit_track = track_at(p.state, tree::limit_path(quota_path));
  if (!limit_track) return limit_track.error();
  const auto& limits = *limit_track;
  if (!limits) return Error::ok;
  const bool counts = count_more != 0 && (limits->count() > -1 || limits->count_hard_limit() > -1);
  const bool weighs = bytes_more != 0 && (limits->bytes() > -1 || limits->byte_hard_limit() > -1);
  if (!counts && !weighs) return Error::ok;
  const auto used_track = track_at(p.state, tree::stat_path(quota_path));
  if (!used_track) return used_track.error();
  const auto& used = *used_track;
  if (!used) return Error::ok;
  if (counts) {
    const Error err =
        check(p, quota_path, {"count", used->count() + count_more, limits->count(), limits->count_hard_limit()});
    if (err != Error::ok) return err;
  }
  if (!weighs) return Error::ok;
  return check(p, quota_path, {"bytes", used->bytes() + bytes_more, limits->bytes(), limits->byte_hard_limit()});
}

}  // namespace quoll::machine::ops
