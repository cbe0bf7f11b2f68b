// createSession and closeSession.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

namespace {

// Readers stop at jute.maxbuffer: a longer list would make the log unreadable (ZOOKEEPER-4306). Without one, every
// server deletes what the session owns there.
constexpr std::size_t kPathsBytesMax = 0xfffff - 1024;

// The paths of what the session takes along, in order; nullopt: more than a reader takes.
std::optional<std::vector<std::string>> list_of(const tree::Tree& tree, const Outstanding::Owned& owned,
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
    if (auto paths = list_of(p.state.tree, owned, std::min(kPathsBytesMax, p.bytes_left))) {
      txn.paths.emplace();
      for (std::string& path : *paths) txn.paths->push_back(p.own(std::move(path)));
    }
  }
  p.changes.put_session_end(session, owned, p.zxid);
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
  // Whatever else is the session's: all of it without a list, strays of a fuzzy snapshot with one.
  apply_removal_of_all(applier, header.zxid, header.client_id);
}

}  // namespace quoll::machine::ops
