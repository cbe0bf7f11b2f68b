#include "machine/ops/quota_check.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace quoll::machine::ops {

namespace {

std::optional<tree::StatsTrack> track_at(const State& state, const std::string& path) {
  const tree::NodeId id = state.tree.find(path);
  if (id == tree::kNoNode) return std::nullopt;
  return tree::StatsTrack::parse(state.tree.node(id).data().view());
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
  if (p.rules.quotas == Rules::soft_only || p.state.tree.quotas().empty()) return Error::ok;
  const std::string_view quota_path = p.state.tree.quotas().nearest(path);
  if (quota_path.empty()) return Error::ok;
  const auto limits = track_at(p.state, tree::limit_path(quota_path));
  const auto used = track_at(p.state, tree::stat_path(quota_path));
  if (!limits || !used) return Error::ok;
  if (count_more != 0 && (limits->count() > -1 || limits->count_hard_limit() > -1)) {
    const Error err =
        check(p, quota_path, {"count", used->count() + count_more, limits->count(), limits->count_hard_limit()});
    if (err != Error::ok) return err;
  }
  if (bytes_more != 0 && (limits->bytes() > -1 || limits->byte_hard_limit() > -1)) {
    return check(p, quota_path, {"bytes", used->bytes() + bytes_more, limits->bytes(), limits->byte_hard_limit()});
  }
  return Error::ok;
}

}  // namespace quoll::machine::ops
