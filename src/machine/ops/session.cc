// createSession and closeSession.
#include <algorithm>
#include <set>

#include "base/planted.h"
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

// Ephemerals that the session will own when everything proposed has been applied, in order of their paths.
std::set<std::string> ephemerals_to_be(const Preparation& p) {
  std::set<std::string> paths;
  const std::int64_t session = p.request.session.value();
  if (const auto* owned = p.state.tree.ephemerals_of(session)) {
    for (const tree::NodeId id : *owned) paths.insert(p.state.tree.path_of(id));
  }
  p.changes.for_each_change([&](const std::string& path, const PendingNode& node) {
    if (!node.exists) {
      paths.erase(path);
    } else if (node.stat.ephemeral_owner == session) {
      paths.insert(path);
    } else {
      paths.erase(path);
    }
  });
  if (base::planted(base::Bug::ephemeral_left_behind) && !paths.empty()) paths.erase(paths.begin());
  return paths;
}

// Readers stop at jute.maxbuffer: a longer list would make the log unreadable (ZOOKEEPER-4306). Without one, every
// server deletes what the session owns there.
constexpr std::size_t kPathsBytesMax = 0xfffff - 1024;

bool fits(const std::set<std::string>& paths) {
  std::size_t bytes = 0;
  for (const std::string& path : paths) bytes += 4 + path.size();
  return bytes <= kPathsBytesMax;
}

}  // namespace

Prepared prepare_create_session(Preparation& p) {
  return CreateSessionTxn{std::get<CreateSessionRequest>(p.request.body).timeout_ms};
}

Prepared prepare_close_session(Preparation& p) {
  const std::set<std::string> paths = ephemerals_to_be(p);
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
