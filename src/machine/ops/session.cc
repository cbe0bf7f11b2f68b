// createSession and closeSession.
#include <algorithm>
#include <set>
#include <vector>

#include "base/planted.h"
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

// Ephemerals that the session will own when everything proposed has been applied, in order of their paths.
std::vector<std::string> ephemerals_to_be(const Preparation& p) {
  const std::int64_t session = p.request.session.value();
  std::vector<std::string> paths;
  if (const auto* owned = p.state.tree.ephemerals_of(session)) {
    paths.reserve(owned->size());
    for (const tree::NodeId id : *owned) paths.push_back(p.state.tree.path_of(id));
  }
  std::sort(paths.begin(), paths.end());
  // What is proposed and not applied is little: by its last change each path is the session's or not.
  std::set<std::string> more;
  std::set<std::string> fewer;
  p.changes.for_each_change([&](const std::string& path, const PendingNode& node) {
    const bool is_owned = node.exists && node.stat.ephemeral_owner == session;
    (is_owned ? more : fewer).insert(path);
  });
  std::erase_if(paths, [&](const std::string& path) { return fewer.contains(path) || more.contains(path); });
  const auto middle = static_cast<std::ptrdiff_t>(paths.size());
  paths.insert(paths.end(), more.begin(), more.end());
  std::inplace_merge(paths.begin(), paths.begin() + middle, paths.end());
  if (base::planted(base::Bug::ephemeral_left_behind) && !paths.empty()) paths.erase(paths.begin());
  return paths;
}

// Readers stop at jute.maxbuffer: a longer list would make the log unreadable (ZOOKEEPER-4306). Without one, every
// server deletes what the session owns there.
constexpr std::size_t kPathsBytesMax = 0xfffff - 1024;

bool fits(const std::vector<std::string>& paths) {
  std::size_t bytes = 0;
  for (const std::string& path : paths) bytes += 4 + path.size();
  return bytes <= kPathsBytesMax;
}

}  // namespace

Prepared prepare_create_session(Preparation& p) {
  return CreateSessionTxn{std::get<CreateSessionRequest>(p.request.body).timeout_ms};
}

Prepared prepare_close_session(Preparation& p) {
  const std::vector<std::string> paths = ephemerals_to_be(p);
  // A parent of many changes once.
  for (auto first = paths.begin(); first != paths.end();) {
    const std::string_view parent_path = path::parent(*first);
    auto parent = p.changes.get(parent_path);
    for (; first != paths.end() && path::parent(*first) == parent_path; ++first) {
      if (!parent) continue;
      --parent->child_count;
      p.changes.put_removed(*first, p.zxid);
    }
    if (!parent) continue;
    parent->stat.pzxid = p.zxid;
    p.changes.put(parent_path, std::move(*parent), p.zxid);
  }
  CloseSessionTxn txn;
  if (p.rules.close_session_txn == Rules::with_paths && fits(paths)) {
    txn.paths.emplace();
    for (const std::string& path : paths) txn.paths->push_back(p.own(path));
  }
  return txn;
}

void apply_close_session(Applier& applier, const TxnHeader& header, const CloseSessionTxn& txn) {
  State& state = applier.state();
  state.sessions.erase(header.client_id);
  if (txn.paths) {
    for (const auto& path : *txn.paths) {
      if (!path.is_null() && has_parent_part(path.view())) apply_removal(applier, header.zxid, path.view());
    }
  }
  if (base::planted(base::Bug::ephemeral_left_behind)) return;
  // Whatever else is the session's: all of it without a list, strays of a fuzzy snapshot with one.
  std::vector<std::string> rest;
  if (const auto* owned = state.tree.ephemerals_of(header.client_id)) {
    for (const tree::NodeId id : *owned) rest.push_back(state.tree.path_of(id));
  }
  std::sort(rest.begin(), rest.end());
  for (const std::string& path : rest) apply_removal(applier, header.zxid, path);
}

}  // namespace quoll::machine::ops
