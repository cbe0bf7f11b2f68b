// setData.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"
#include "machine/ops/quota_check.h"
#include "machine/ops/quota_count.h"

namespace quoll::machine::ops {

Prepared prepare_set_data(Preparation& p) {
  return prepare_set_data(p, std::get<SetDataRequest>(p.request.body));
}

Prepared prepare_set_data(Preparation& p, const SetDataRequest& request) {
  if (!p.session_open) return std::unexpected(Error::session_expired);
  const std::string_view path = request.path.view();
  if (request.path.is_null() || !path::is_valid(path)) return std::unexpected(Error::bad_arguments);
  auto node = p.changes.get(path);
  if (!node) return std::unexpected(Error::no_node);
  if (!allows(p, p.changes.acl_of(path, *node), perm::kWrite)) return std::unexpected(Error::no_auth);
  const std::int64_t bytes_before = node->data_bytes;
  const Error quota = check_quota(p, path, static_cast<std::int64_t>(request.data.size()) - bytes_before, 0);
  if (quota != Error::ok) return std::unexpected(quota);
  const auto version = check_version(node->stat.version, request.version);
  if (!version) return std::unexpected(version.error());
  const std::int32_t next = *version;
  node->stat.version = next;
  node->stat.mtime = p.time_ms;
  node->stat.mzxid = p.zxid;
  TxnBody txn = SetDataTxn{path, request.data, next};
  if (!p.charge(txn)) return std::unexpected(kTooLarge);
  p.changes.put_data(path, std::move(*node), request.data, p.zxid);
  return txn;
}

void apply_set_data(Applier& applier, const TxnHeader& header, const SetDataTxn& txn, ApplyResult& result) {
  State& state = applier.state();
  tree::Tree& tree = state.tree;
  const std::string_view path = txn.path.view();
  result.path = path;
  const tree::NodeId id = tree.find(path);
  if (id == tree::kNoNode) {
    result.err = Error::no_node;
    return;
  }
  const auto bytes_before = static_cast<std::int64_t>(tree.node(id).data_bytes());
  const std::string_view indexed_path = path == "/" ? std::string_view() : path;
  tree.set_data(indexed_path, id, txn.data, txn.version, header.zxid, header.time_ms);
  result.stat = tree.stat_of(id);
  const auto bytes = static_cast<std::int64_t>(txn.data.size());
  count_quota(applier, path, bytes - bytes_before, 0);
  applier.fire(state.data_watches, watch::EventType::node_data_changed, path, tree.acl_of(id), header.zxid);
}

}  // namespace quoll::machine::ops
