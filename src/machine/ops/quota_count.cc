#include "machine/ops/quota_count.h"

namespace quoll::machine::ops {

void count_quota(Applier& applier, std::string_view path, std::int64_t bytes_more, std::int64_t count_more) {
  State& state = applier.state();
  if (state.phase == State::replaying || state.tree.quotas().empty()) return;
  const std::string_view quota_path = state.tree.quotas().nearest(path);
  if (quota_path.empty()) return;
  const tree::NodeId id = state.tree.find(tree::stat_path(quota_path));
  if (id == tree::kNoNode) return;
  const base::NullableView data = state.tree.node(id).data();
  auto track = data.is_null() ? std::nullopt : tree::StatsTrack::parse(data.view());
  if (!track) return;
  track->set_count(track->count() + count_more);
  track->set_bytes(track->bytes() + bytes_more);
  state.tree.set_local_data(id, track->text());
}

}  // namespace quoll::machine::ops
