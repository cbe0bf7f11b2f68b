#include "tree/node_table.h"

#include "base/check.h"

namespace quoll::tree {

NodeTable::NodeTable() {
  slabs_.push_back(std::make_unique<Node[]>(kSlabNodes));
}

NodeId NodeTable::allocate() {
  ++used_;
  if (!free_.empty()) {
    const NodeId id = free_.back();
    free_.pop_back();
    return id;
  }
  QUOLL_CHECK(next_ != 0xffffffff, "node ids fit into 32 bits");
  if (next_ / kSlabNodes == slabs_.size()) slabs_.push_back(std::make_unique<Node[]>(kSlabNodes));
  return next_++;
}

void NodeTable::release(NodeId id) {
  (*this)[id].clear();
  free_.push_back(id);
  --used_;
}

}  // namespace quoll::tree
