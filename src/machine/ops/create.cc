// create, create2, createContainer, createTTL.
#include <fmt/format.h>

#include "machine/ops/common.h"
#include "machine/ops/ops.h"
#include "machine/ops/quota_check.h"
#include "machine/ops/quota_count.h"
#include "types/create_mode.h"

namespace quoll::machine::ops {

namespace {

struct Wanted {
  OpCode op;
  base::NullableView path;
  base::NullableView data;
  const AclViews& acl;
  std::int32_t flags;
  std::int64_t ttl_ms;  // -1: not given
};

// The mode for the flags, if opcode, TTL and configuration allow it.
std::expected<CreateMode, Error> checked_mode(const Preparation& p, const Wanted& wanted) {
  const auto mode = CreateMode::from_flags(wanted.flags);
  if (!mode) return std::unexpected(Error::bad_arguments);
  if (mode->ttl && !p.rules.owner_rules.extended) return std::unexpected(Error::unimplemented);
  if (mode->ttl && (wanted.ttl_ms <= 0 || wanted.ttl_ms > kTtlMsMax)) return std::unexpected(Error::bad_arguments);
  // Apache accepts createTTL with a plain flag and a negative TTL, and its request thread ends at it.
  if (!mode->ttl && (wanted.op == OpCode::create_ttl || wanted.ttl_ms >= 0))
    return std::unexpected(Error::bad_arguments);
  return *mode;
}

// "/zookeeper/quota", the quota of the root. A limit there ends Apache's server, now and at every restart.
bool is_quota_of_root(std::string_view path) {
  return path::parent(path) == path::kQuota && path::name(path) == path::kLimitNode;
}

// Increments as Java does: the largest value is followed by the smallest.
std::int32_t incremented(std::int32_t cversion) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(cversion) + 1);
}

std::string sequential_path(std::string_view path, std::int32_t parent_cversion) {
  return fmt::format("{}{:010d}", path, parent_cversion);
}

std::int64_t owner_of(const Preparation& p, const Wanted& wanted, const CreateMode& mode) {
  if (wanted.op == OpCode::create_container) return kContainerOwner;
  if (wanted.op == OpCode::create_ttl) return ttl_owner(wanted.ttl_ms);
  return mode.ephemeral ? p.request.session.value() : 0;
}

TxnBody txn_of(const Wanted& wanted, const CreateMode& mode, std::string_view path, const AclList& acl,
               std::int32_t parent_cversion) {
  if (wanted.op == OpCode::create_container) return CreateContainerTxn{path, wanted.data, acl, parent_cversion};
  if (wanted.op == OpCode::create_ttl) return CreateTtlTxn{path, wanted.data, acl, parent_cversion, wanted.ttl_ms};
  return CreateTxn{path, wanted.data, acl, mode.ephemeral, parent_cversion};
}

Prepared prepare(Preparation& p, const Wanted& wanted) {
  const auto mode = checked_mode(p, wanted);
  if (!mode) return std::unexpected(mode.error());
  if (!p.session_open) return std::unexpected(Error::session_expired);
  if (wanted.path.is_null()) return std::unexpected(Error::marshalling_error);
  std::string_view path = wanted.path.view();
  if (!has_parent_part(path)) return std::unexpected(Error::bad_arguments);
  auto acl = fixed_acl(p, wanted.acl);
  if (!acl) return std::unexpected(acl.error());
  const std::string_view parent_path = path::parent(path);
  auto parent = p.changes.get(parent_path);
  if (!parent) return std::unexpected(Error::no_node);
  if (!allows(p, p.changes.acl_of(parent_path, *parent), perm::kCreate)) return std::unexpected(Error::no_auth);
  if (mode->sequential) path = p.own(sequential_path(path, parent->stat.cversion));
  if (!path::is_valid(path) || is_quota_of_root(path)) return std::unexpected(Error::bad_arguments);
  if (p.changes.exists(path)) return std::unexpected(Error::node_exists);
  if (p.state.tree.kind_of(parent->stat.ephemeral_owner) == OwnerKind::session)
    return std::unexpected(Error::no_children_for_ephemerals);
  if (const Error err = check_quota(p, path, static_cast<std::int64_t>(wanted.data.size()), 1); err != Error::ok)
    return std::unexpected(err);

  StatPersisted parent_stat = parent->stat;
  parent_stat.cversion = incremented(parent_stat.cversion);
  parent_stat.pzxid = p.zxid;
  TxnBody txn = txn_of(wanted, *mode, path, *acl, parent_stat.cversion);
  if (!p.charge(txn)) return std::unexpected(kTooLarge);
  ++parent->child_count;
  p.changes.put(parent_path, std::move(*parent), parent_stat, p.zxid);

  PendingNode node;
  node.stat = StatPersisted{p.zxid, p.zxid, p.time_ms, p.time_ms, 0, 0, 0, owner_of(p, wanted, *mode), p.zxid};
  node.acl = std::make_shared<const auth::AccessList>(std::move(*acl));
  p.changes.put_data(path, std::move(node), wanted.data, p.zxid);
  return txn;
}

// A new limits node creates a quota, and a new statistics node is filled with the usage. Statistics of the root are
// filled once and not updated, as in Apache's server.
void note_quota_node(State& state, std::string_view path) {
  const auto of = tree::quota_path_of(path::parent(path));
  if (!of) return;
  const std::string_view name = path::name(path);
  if (name == path::kLimitNode && !of->empty()) state.tree.quotas().add(*of);
  if (name == path::kStatNode) state.tree.recount_quota(*of);
}

struct Creation {
  std::string_view path;
  base::NullableView data;
  const AclList& acl;
  std::int64_t owner;
  std::int32_t parent_cversion;
};

// Numbers never decrease: replay over a fuzzy snapshot may bring older ones than the snapshot has.
void count_child(Applier& applier, const TxnHeader& header, const Creation& creation, std::string_view parent_path,
                 tree::NodeId parent) {
  tree::Tree& tree = applier.state().tree;
  const StatPersisted& stat = tree.node(parent).stat;
  const std::int32_t cversion = creation.parent_cversion == -1 ? incremented(stat.cversion) : creation.parent_cversion;
  if (cversion > stat.cversion) tree.set_child_stat(parent_path, parent, cversion, header.zxid);
}

void apply(Applier& applier, const TxnHeader& header, const Creation& creation, ApplyResult& result) {
  State& state = applier.state();
  tree::Tree& tree = state.tree;
  result.path = creation.path;
  if (!path::is_below_root(creation.path)) {
    result.err = Error::bad_arguments;
    return;
  }
  const std::string_view parent_path = path::parent(creation.path);
  const tree::NodeId parent = tree.find(parent_path);
  if (parent == tree::kNoNode) {
    result.err = Error::no_node;
    return;
  }
  count_child(applier, header, creation, parent_path, parent);
  const tree::AclId acl = tree.acls().acquire(creation.acl);
  const StatPersisted stat{header.zxid, header.zxid, header.time_ms, header.time_ms, 0,
                           0,           0,           creation.owner, header.zxid};
  if (const tree::NodeId existing = tree.find(creation.path); existing != tree::kNoNode) {
    // Only in replay: the fuzzy snapshot already contains this node or a later one of the same path. The node is reset
    // to its state after this create, and the transactions that follow are applied to it. If it were kept, a
    // closeSession without a list of paths could miss it because its owner is a later one.
    tree.overwrite(creation.path, existing, creation.data, acl, stat);
    result.err = Error::node_exists;
    return;
  }
  const tree::NodeId id = tree.add(creation.path, parent, creation.data, acl, stat);
  result.stat = tree.stat_of(id);
  note_quota_node(state, creation.path);
  count_quota(applier, creation.path, static_cast<std::int64_t>(creation.data.size()), 1);
  applier.fire(state.data_watches, watch::EventType::node_created, creation.path, tree.acl_of(id), header.zxid);
  applier.fire(state.child_watches, watch::EventType::node_children_changed, parent_path.empty() ? "/" : parent_path,
               tree.acl_of(parent), header.zxid);
}

}  // namespace

Prepared prepare_create(Preparation& p) {
  if (const auto* ttl = std::get_if<CreateTtlRequest>(&p.request.body)) return prepare_create(p, p.request.op, *ttl);
  return prepare_create(p, p.request.op, std::get<CreateRequest>(p.request.body));
}

Prepared prepare_create(Preparation& p, OpCode op, const CreateRequest& r) {
  return prepare(p, {op, r.path, r.data, r.acl, r.flags, -1});
}

Prepared prepare_create(Preparation& p, OpCode op, const CreateTtlRequest& r) {
  return prepare(p, {op, r.path, r.data, r.acl, r.flags, r.ttl_ms});
}

void apply_create(Applier& applier, const TxnHeader& header, const CreateTxn& txn, ApplyResult& result) {
  const std::int64_t owner = txn.ephemeral ? header.client_id : 0;
  apply(applier, header, {txn.path.view(), txn.data, txn.acl, owner, txn.parent_cversion}, result);
}

void apply_create(Applier& applier, const TxnHeader& header, const CreateContainerTxn& txn, ApplyResult& result) {
  apply(applier, header, {txn.path.view(), txn.data, txn.acl, kContainerOwner, txn.parent_cversion}, result);
}

void apply_create(Applier& applier, const TxnHeader& header, const CreateTtlTxn& txn, ApplyResult& result) {
  apply(applier, header, {txn.path.view(), txn.data, txn.acl, ttl_owner(txn.ttl_ms), txn.parent_cversion}, result);
}

}  // namespace quoll::machine::ops
