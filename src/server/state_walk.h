// Encodes the replicated state for a snapshot, in slices, while it changes: sessions, ACL lists, znodes, without the
// end of the znodes.
//
// The result is fuzzy: each part is as it was when it was reached, and the log from start() on makes it consistent
// (docs/decisions/0004-snapshots-skip-newer-znodes.md). Several walks may be under way at once.
//
// When the state is replaced as a whole, the walk is over. It may be destroyed at any time, also after its state.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/core.h"
#include "tree/tree.h"

namespace quoll::server {

class StateWalk {
 public:
  // A slice ends when so many bytes are waiting.
  static constexpr std::size_t kChunkBytes = 256 * 1024;
  enum class Progress { more, done, replaced };

  explicit StateWalk(Core& core);
  // Appends what one event has time for, as long as `out` has less than kChunkBytes.
  Progress slice(std::string& out);
  // What had been applied when the walk began.
  [[nodiscard]] Zxid start() const { return start_; }

 private:
  enum class Stage { collect_sessions, sessions, acls, znodes, done };
  // Counts an item of the slice; false: the slice is over.
  bool has_budget(const std::string& out);
  void collect_sessions(std::string& out);
  void write_sessions(std::string& out);
  void write_acls(std::string& out);
  void write_znodes(std::string& out);
  void write_znode(tree::NodeId id, std::string& out) const;

  Core& core_;
  Zxid start_;
  tree::Tree::Cursor cursor_;
  Stage stage_ = Stage::collect_sessions;
  int items_left_ = 0;
  // The table of sessions is read bucket by bucket. Their number comes first, so they are kept until all are read.
  std::size_t bucket_ = 0;
  std::size_t bucket_count_ = 0;
  std::size_t session_count_ = 0;
  std::string sessions_;
  std::size_t sessions_at_ = 0;
  // The lists that are held for this walk.
  std::shared_ptr<const void> acl_hold_;
  tree::AclId acl_ = tree::kOpenAcl + 1;
  tree::AclId acl_end_;
  std::size_t acl_count_;
};

}  // namespace quoll::server
