#include "apps/backup/past_tree.h"

#include <algorithm>
#include <variant>

#include "store/snapshot_format.h"
#include "types/path.h"

namespace quoll::apps::backup {

namespace {

bool is_at_or_below(std::string_view path, std::string_view root) {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

std::optional<std::string> bytes_of(base::NullableView data) {
  if (data.is_null()) return std::nullopt;
  return std::string(data.view());
}

}  // namespace

bool PastTree::is_inside(std::string_view path) const {
  return is_at_or_below(path, root_);
}

bool PastTree::on_acl(std::int64_t id, AclList list) {
  acls_[id] = std::make_shared<const AclList>(std::move(list));
  return true;
}

bool PastTree::on_node(std::string_view path, base::NullableView data, std::int64_t acl_id, const StatPersisted& stat) {
  if (!is_inside(path)) return true;
  const auto acl = acls_.find(acl_id);
  nodes_[std::string(path)] = {
      bytes_of(data),       acl == acls_.end() ? std::make_shared<const AclList>(open_acl_unsafe()) : acl->second,
      stat.ephemeral_owner, stat.cversion,
      stat.version,
  };
  return true;
}

PastNode* PastTree::find(base::NullableView path) {
  if (!is_inside(path.view())) return nullptr;
  const auto found = nodes_.find(path.view() == "/" ? std::string() : std::string(path.view()));
  return found == nodes_.end() ? nullptr : &found->second;
}

void PastTree::create(base::NullableView path, base::NullableView data, const AclList& acl, std::int64_t owner,
                      std::int32_t parent_cversion) {
  if (!is_inside(path.view())) return;
  if (PastNode* const parent = find(base::NullableView(path::parent(path.view()))))
    parent->cversion = std::max(parent->cversion, parent_cversion == -1 ? parent->cversion + 1 : parent_cversion);
  // One that the snapshot has already may be newer: what changed it is still to come.
  nodes_.try_emplace(std::string(path.view()),
                     PastNode{bytes_of(data), std::make_shared<const AclList>(acl), owner, 0, 0});
}

void PastTree::operator()(const TxnHeader& header, const CreateTxn& txn) {
  create(txn.path, txn.data, txn.acl, txn.ephemeral ? header.client_id : 0, txn.parent_cversion);
}
void PastTree::operator()(const TxnHeader&, const CreateContainerTxn& txn) {
  create(txn.path, txn.data, txn.acl, kContainerOwner, txn.parent_cversion);
}
void PastTree::operator()(const TxnHeader&, const CreateTtlTxn& txn) {
  create(txn.path, txn.data, txn.acl, ttl_owner(txn.ttl_ms), txn.parent_cversion);
}
void PastTree::operator()(const TxnHeader&, const DeleteTxn& txn) {
  nodes_.erase(std::string(txn.path.view()));
}
void PastTree::operator()(const TxnHeader&, const SetDataTxn& txn) {
  if (PastNode* const node = find(txn.path)) {
    node->data = bytes_of(txn.data);
    node->version = txn.version;
  }
}
void PastTree::operator()(const TxnHeader&, const SetAclTxn& txn) {
  if (PastNode* const node = find(txn.path)) node->acl = std::make_shared<const AclList>(txn.acl);
}
void PastTree::operator()(const TxnHeader& header, const CloseSessionTxn&) {
  std::erase_if(nodes_, [&](const auto& entry) {
    return entry.second.owner == header.client_id &&
           owner_kind(entry.second.owner, {.extended = true}) == OwnerKind::session;
  });
}
void PastTree::operator()(const TxnHeader& header, const MultiTxn& txn) {
  for (const SubTxn& sub : txn.txns) {
    std::visit([&](const auto& body) { (*this)(header, body); }, sub.body);
  }
}

void PastTree::apply(const Txn& txn) {
  std::visit([&](const auto& body) { (*this)(txn.header, body); }, txn.body);
}

bool Deletions::is_inside(std::string_view path) const {
  return is_at_or_below(path, root_);
}

void Deletions::deleted(const TxnHeader& header, std::string_view path) {
  if (!is_inside(path)) return;
  const auto [at, is_new] = runs_.try_emplace(header.client_id);
  Deletion& run = at->second;
  if (is_new || header.time_ms - run.last_ms > kPauseMs)
    run = {header.client_id, Zxid{header.zxid}, {}, header.time_ms, header.time_ms, 0};
  run.last = Zxid{header.zxid};
  run.last_ms = header.time_ms;
  ++run.znodes;
  if (path != root_) return;
  found_ = run;
  runs_.clear();
}

// Who creates or changes something there is not deleting it.
void Deletions::changed(const TxnHeader& header, std::string_view path) {
  if (is_inside(path)) runs_.erase(header.client_id);
}

void Deletions::look_at(const Txn& txn) {
  const auto look = [&](const auto& body) {
    using Body = std::decay_t<decltype(body)>;
    if constexpr (std::is_same_v<Body, DeleteTxn>) {
      deleted(txn.header, body.path.view());
    } else if constexpr (requires { body.data; }) {
      changed(txn.header, body.path.view());
    }
  };
  if (const auto* const multi = std::get_if<MultiTxn>(&txn.body)) {
    for (const SubTxn& sub : multi->txns) std::visit(look, sub.body);
    return;
  }
  std::visit(look, txn.body);
}

}  // namespace quoll::apps::backup
