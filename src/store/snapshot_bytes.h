// Encodes the parts of a snapshot between its header and its first seal, which are also what a leader sends to a
// learner (docs/formats/snapshot.md). Each function appends to `out`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/narrow.h"
#include "base/nullable.h"
#include "types/acl.h"
#include "types/stat.h"
#include "wire/jute.h"

namespace quoll::store {

// Of sessions, or of ACL lists.
inline void put_count(std::size_t count, std::string& out) {
  wire::Writer(out).put(base::narrow32(count));
}

inline void put_session(std::int64_t id, std::int32_t timeout_ms, std::string& out) {
  wire::Writer writer(out);
  writer.put(id);
  writer.put(timeout_ms);
}

inline void put_acl(std::int64_t id, const AclList& list, std::string& out) {
  wire::Writer writer(out);
  writer.put(id);
  writer.put(list);
}

// `path` is "" for the root; parents come before children.
inline void put_node(std::string_view path, base::NullableView data, std::int64_t acl_id, const StatPersisted& stat,
                     std::string& out) {
  wire::Writer writer(out);
  writer.put(path);
  writer.put(data);
  writer.put(acl_id);
  writer.put(stat);
}

inline void put_end_of_nodes(std::string& out) {
  wire::Writer(out).put(std::string_view("/"));
}

}  // namespace quoll::store
