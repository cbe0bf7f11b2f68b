// createSession and closeSession.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

// Readers refuse records above jute.maxbuffer, so a longer list would make the log unreadable (ZOOKEEPER-4306). Without
// a list every server deletes the ephemerals that the session owns in its tree.
constexpr std::size_t kPathsBytesMax = 0xfffff - 1024;

// The paths of the session's ephemerals, sorted; nullopt if they are longer than readers accept.
std::optional<std::vector<std::string>> paths_of(const tree::Tree& tree, const Outstanding::Owned& owned,
                                                 std::size_t bytes_max) {
  std::vector<std::string> paths;
  std::size_t bytes = 4;
  const auto add = [&](std::string path) {
    bytes += 4 + path.size();
    paths.push_back(std::move(path));
    return bytes <= bytes_max;
  };
  for (const std::string& path : owned.changed) {
    if (!add(path)) return std::nullopt;
  }
  for (const tree::NodeId id : owned.settled) {
    if (!add(tree.path_of(id))) return std::nullopt;
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

Prepared prepare_create_session(Preparation& p) {
  return CreateSessionTxn{std::get<CreateSessionRequest>(p.request.body).timeout_ms};
}

Prepared prepare_close_session(Preparation& p) {
  const std::int64_t session = p.request.session.value();
  const Outstanding::Owned owned = p.changes.owned_by(session);
  CloseSessionTxn txn;
  if (p.rules.close_session_txn == Rules::with_paths) {
    if (auto paths = paths_of(p.state.tree, owned, std::min(kPathsBytesMax, p.bytes_left))) {
      txn.paths.emplace();
      for (std::string& path : *paths) txn.paths->emplace_back(p.own(std::move(path)));
    }
  }
  p.changes.put_close_session(session, owned, p.zxid);
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
  // Deletes the ephemerals that the transaction does not list: all of them if it has no list, otherwise those that only
  // a fuzzy snapshot contains.
  apply_removal_of_all(applier, header.zxid, header.client_id);
}

}  // namespace quoll::machine::ops
