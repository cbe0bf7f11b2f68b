// check: verifies a version inside a multi.
#include "machine/ops/common.h"
#include "machine/ops/ops.h"

namespace quoll::machine::ops {

Prepared prepare_check(Preparation& p, const CheckVersionRequest& request) {
  if (!p.session_open) return std::unexpected(Error::session_expired);
  const std::string_view path = request.path.view();
  if (!path::is_valid(path)) return std::unexpected(Error::bad_arguments);
  const auto node = p.changes.get(path);
  if (!node) return std::unexpected(Error::no_node);
  if (!allows(p, p.changes.acl_of(path, *node), perm::kRead)) return std::unexpected(Error::no_auth);
  const auto version = check_version(node->stat.version, request.version);
  if (!version) return std::unexpected(version.error());
  TxnBody txn = CheckVersionTxn{path, *version};
  if (!p.charge(txn)) return std::unexpected(kTooLarge);
  return txn;
}

}  // namespace quoll::machine::ops
