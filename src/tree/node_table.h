// Stores nodes in slabs that never move; a node's id is its index. Ids of removed nodes are reused.
#pragma once

#include <memory>
#include <vector>

#include "tree/node.h"

namespace quoll::tree {

class NodeTable {
 public:
  NodeTable();
  Node& operator[](NodeId id) { return slabs_[id / kSlabNodes][id % kSlabNodes]; }
  const Node& operator[](NodeId id) const { return slabs_[id / kSlabNodes][id % kSlabNodes]; }
  NodeId allocate();
  void release(NodeId id);
  // Number of nodes in use, including the root.
  [[nodiscard]] std::size_t size() const { return used_; }

 private:
  static constexpr NodeId kSlabNodes = 4096;
  std::vector<std::unique_ptr<Node[]>> slabs_;
  std::vector<NodeId> free_;
  NodeId next_ = kRoot;
  std::size_t used_ = 0;
};

}  // namespace quoll::tree
