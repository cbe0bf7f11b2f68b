#include "server/state_walk.h"

#include <algorithm>

#include "store/snapshot_bytes.h"
#include "store/snapshot_format.h"

namespace quoll::server {

StateWalk::StateWalk(Core& core)
    : core_(core),
      start_(core.state.last_processed),
      cursor_(core.state.tree.begin_walk()),
      acl_hold_(core.state.tree.acls().hold()),
      acl_end_(core.state.tree.acls().end_id()),
      acl_count_(core.state.tree.acls().held_count()) {}

StateWalk::Progress StateWalk::slice(std::string& out) {
  if (!core_.state.tree.is_walked_by(cursor_)) return Progress::replaced;
  items_left_ = core_.options.snapshots.slice_nodes;
  if (stage_ == Stage::collect_sessions) collect_sessions(out);
  if (stage_ == Stage::sessions) write_sessions(out);
  if (stage_ == Stage::acls) write_acls(out);
  if (stage_ == Stage::znodes) write_znodes(out);
  return stage_ == Stage::done ? Progress::done : Progress::more;
}

bool StateWalk::has_budget(const std::string& out) {
  return out.size() < kChunkBytes && items_left_-- > 0;
}

// A session that is opened or closed meanwhile may be missing or not: the log says which.
void StateWalk::collect_sessions(std::string& out) {
  const auto& sessions = core_.state.sessions;
  // A table that has grown is read again from its first bucket. It doubles, so that is rare.
  if (sessions.bucket_count() != bucket_count_) {
    bucket_count_ = sessions.bucket_count();
    bucket_ = session_count_ = 0;
    sessions_.clear();
  }
  for (; bucket_ < bucket_count_ && has_budget(out); ++bucket_) {
    for (auto at = sessions.begin(bucket_); at != sessions.end(bucket_); ++at, ++session_count_)
      store::put_session(at->first, at->second, sessions_);
  }
  if (bucket_ < bucket_count_) return;
  store::put_count(session_count_, out);
  stage_ = Stage::sessions;
}

void StateWalk::write_sessions(std::string& out) {
  const std::size_t room = kChunkBytes - std::min(kChunkBytes, out.size());
  const std::size_t part = std::min(room, sessions_.size() - sessions_at_);
  out.append(sessions_, sessions_at_, part);
  sessions_at_ += part;
  if (sessions_at_ < sessions_.size()) return;
  sessions_ = {};
  store::put_count(acl_count_, out);
  stage_ = Stage::acls;
}

void StateWalk::write_acls(std::string& out) {
  const tree::AclTable& acls = core_.state.tree.acls();
  for (; acl_ < acl_end_ && has_budget(out); ++acl_) {
    if (const AclList* const list = acls.held(acl_)) store::put_acl(acl_, *list, out);
  }
  if (acl_ == acl_end_) stage_ = Stage::znodes;
}

void StateWalk::write_znodes(std::string& out) {
  const tree::Tree& tree = core_.state.tree;
  while (*cursor_ != tree::kNoNode && has_budget(out)) {
    const tree::NodeId id = *cursor_;
    // Znodes created since the start are left to replay: their ACL lists are not among those that were written, and
    // replay also corrects their parents' numbers.
    // A snapshot recovered without its log may hold znodes newer than its name. No log will replay them, so they are
    // written here.
    if (tree.node(id).stat.czxid <= std::max(start_.value(), core_.recovered_czxid_max)) write_znode(id, out);
    *cursor_ = tree.next_depth_first(id);
  }
  if (*cursor_ == tree::kNoNode) stage_ = Stage::done;
}

void StateWalk::write_znode(tree::NodeId id, std::string& out) const {
  const tree::Node& node = core_.state.tree.node(id);
  const std::int64_t acl = node.acl == tree::kOpenAcl ? store::kOpenAclId : static_cast<std::int64_t>(node.acl);
  const std::string path = id == tree::kRoot ? std::string() : core_.state.tree.path_of(id);
  store::put_node(path, node.data(), acl, node.stat, out);
}

}  // namespace quoll::server
