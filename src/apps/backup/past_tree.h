// A subtree as it was at some point of a history: from a snapshot and the transactions after it. Only the subtree is in
// memory, whatever else the snapshot holds.
//
// What is applied was decided by a server. Over a fuzzy snapshot a transaction may find its znode there already, or
// gone already; when all have been applied the result is what the servers had.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/snapshot_reader.h"
#include "types/create_mode.h"
#include "types/txn.h"

namespace quoll::apps::backup {

struct PastNode {
  std::optional<std::string> data;
  std::shared_ptr<const AclList> acl;
  std::int64_t owner = 0;     // as in StatPersisted
  std::int32_t cversion = 0;  // counts the children that were ever created; the next sequence number
  std::int32_t version = 0;
};

class PastTree : public store::SnapshotVisitor {
 public:
  // `root`: a valid path, not "/"; "" for all znodes, of which the root has the path "".
  explicit PastTree(std::string root) : root_(std::move(root)) {}

  bool on_session(std::int64_t, std::int32_t) override { return true; }
  bool on_acl(std::int64_t id, AclList list) override;
  bool on_node(std::string_view path, base::NullableView data, std::int64_t acl_id, const StatPersisted& stat) override;
  void apply(const Txn& txn);

  // Parents before their children.
  [[nodiscard]] const std::map<std::string, PastNode>& nodes() const { return nodes_; }
  [[nodiscard]] bool is_inside(std::string_view path) const;

 private:
  void create(base::NullableView path, base::NullableView data, const AclList& acl, std::int64_t owner,
              std::int32_t parent_cversion);
  void operator()(const TxnHeader& header, const CreateTxn& txn);
  void operator()(const TxnHeader& header, const CreateContainerTxn& txn);
  void operator()(const TxnHeader& header, const CreateTtlTxn& txn);
  void operator()(const TxnHeader& header, const DeleteTxn& txn);
  void operator()(const TxnHeader& header, const SetDataTxn& txn);
  void operator()(const TxnHeader& header, const SetAclTxn& txn);
  void operator()(const TxnHeader& header, const CloseSessionTxn& txn);
  void operator()(const TxnHeader& header, const MultiTxn& txn);
  void operator()(const TxnHeader&, const CheckVersionTxn&) {}
  void operator()(const TxnHeader&, const CreateSessionTxn&) {}
  void operator()(const TxnHeader&, const ErrorTxn&) {}
  [[nodiscard]] PastNode* find(base::NullableView path);

  const std::string root_;
  std::unordered_map<std::int64_t, std::shared_ptr<const AclList>> acls_;
  // "/a/b" comes after "/a" and before "/a/b/c"; between them may be "/a/b-x", whose parent is "/a".
  std::map<std::string, PastNode> nodes_;
};

// Where a subtree was deleted. A tree is deleted from its leaves to its root, by many transactions of one session: what
// counts is the point before the first of them.
class Deletions {
 public:
  // Deletions by one session that are further apart do not belong together.
  static constexpr std::int64_t kPauseMs = 10'000;

  explicit Deletions(std::string root) : root_(std::move(root)) {}
  void look_at(const Txn& txn);

  struct Deletion {
    std::int64_t session = 0;
    Zxid first;
    Zxid last;  // of the root
    std::int64_t first_ms = 0;
    std::int64_t last_ms = 0;
    std::int64_t znodes = 0;
  };
  // The newest one of the root.
  [[nodiscard]] const std::optional<Deletion>& found() const { return found_; }

 private:
  void deleted(const TxnHeader& header, std::string_view path);
  void changed(const TxnHeader& header, std::string_view path);
  [[nodiscard]] bool is_inside(std::string_view path) const;

  const std::string root_;
  std::unordered_map<std::int64_t, Deletion> runs_;  // by session
  std::optional<Deletion> found_;
};

}  // namespace quoll::apps::backup
