// Reads the state that a leader sends after SNAP, from pieces as they come: sessions, ACL lists, znodes, the end of the
// znodes, and a signature (org.apache.zookeeper.server.quorum.LearnerHandler, server.util.SerializeUtils). Without the
// signature these are the bytes of a snapshot file between its header and its first seal.
//
// Every length and count is checked. No memory is reserved for bytes that have not come; what is kept between two calls
// is less than one znode, or one ACL list.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "store/snapshot_reader.h"

namespace quoll::store {

class SnapshotParser {
 public:
  // What the state ends with: a leader's signature, or, as in a file, its last znode.
  enum class End { signature, znodes };

  // `visitor` gets the content in its order.
  explicit SnapshotParser(SnapshotVisitor& visitor, End end = End::signature) : visitor_(visitor), end_(end) {}

  // How many of the bytes belong to the state; fewer than given: it is complete, and what follows is not of it. What
  // belongs into a file is appended to `body`. The error says what is wrong; every later call returns it again.
  std::expected<std::size_t, std::string> take(std::string_view bytes, std::string& body);
  [[nodiscard]] bool is_complete() const { return stage_ == Stage::complete; }
  // Of a field that has not come whole.
  [[nodiscard]] std::size_t kept_bytes() const { return kept_.size(); }

 private:
  enum class Stage { session_count, session, acl_count, acl_head, acl_entry, node, signature, complete };
  // The number of bytes that the next item takes; 0: more bytes are needed.
  using Used = std::expected<std::size_t, std::string>;

  Used step(std::string_view bytes);
  Used count(std::string_view bytes, std::string_view of, Stage items, Stage after);
  Used session(std::string_view bytes);
  Used acl_head(std::string_view bytes);
  Used acl_entry(std::string_view bytes);
  Used end_of_list();
  Used node(std::string_view bytes);
  Used signature(std::string_view bytes);

  SnapshotVisitor& visitor_;
  const End end_;
  Stage stage_ = Stage::session_count;
  std::int32_t left_ = 0;  // sessions or ACL lists
  std::int64_t acl_id_ = 0;
  std::int32_t entries_left_ = 0;
  std::size_t acl_bytes_ = 0;
  AclList acl_;
  bool is_root_next_ = true;
  std::string kept_;
  std::optional<std::string> error_;
};

}  // namespace quoll::store
