// setACL. It fires no watches.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

Prepared prepare_set_acl(Preparation& p) {
  const auto& request = std::get<SetAclRequest>(p.request.body);
  if (!p.session_open) return std::unexpected(Error::session_expired);
  const std::string_view path = request.path.view();
  if (request.path.is_null() || !path::is_valid(path)) return std::unexpected(Error::bad_arguments);
  auto acl = fixed_acl(p, request.acl);
  if (!acl) return std::unexpected(acl.error());
  auto node = p.changes.get(path);
  if (!node) return std::unexpected(Error::no_node);
  if (!allows(p, p.changes.acl_of(path, *node), perm::kAdmin)) return std::unexpected(Error::no_auth);
  const auto version = check_version(node->stat.aversion, request.version);
  if (!version) return std::unexpected(version.error());
  const std::int32_t next = *version;
  StatPersisted stat = node->stat;
  stat.aversion = next;
  TxnBody txn = SetAclTxn{path, *acl, next};
  if (!p.charge(txn)) return std::unexpected(kTooLarge);
  node->acl = std::make_shared<const auth::AccessList>(std::move(*acl));
  p.changes.put(path, std::move(*node), stat, p.zxid);
  return txn;
}

void apply_set_acl(Applier& applier, const TxnHeader&, const SetAclTxn& txn, ApplyResult& result) {
  tree::Tree& tree = applier.state().tree;
  const std::string_view path = txn.path.view();
  result.path = path;
  const tree::NodeId id = tree.find(path);
  if (id == tree::kNoNode) {
    result.err = Error::no_node;
    return;
  }
  tree.set_acl(path, id, tree.acls().acquire(txn.acl), txn.version);
  result.stat = tree.stat_of(id);
}

}  // namespace quoll::machine::ops
