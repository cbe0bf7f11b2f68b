// The model's tree: a map of paths, without optimisations and without any code of the server.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "types/acl.h"
#include "types/stat.h"

namespace quoll::sim {

struct NaiveTree {
  struct Node {
    std::string data;
    AclList acl;
    StatPersisted stat;
  };

  // The initial tree of a new server.
  NaiveTree();

  [[nodiscard]] std::vector<std::string> children(const std::string& path) const;
  [[nodiscard]] std::size_t count_below(const std::string& path) const;
  [[nodiscard]] Stat stat_of(const std::string& path) const;
  [[nodiscard]] std::int64_t digest() const;

  std::map<std::string, Node> nodes;
};

std::string parent_path(const std::string& path);
bool is_valid_path(const std::string& path);
// Znodes that clients may not remove.
bool is_servers_own(const std::string& path);

// The ephemeralOwner of TTL nodes; containers have INT64_MIN.
std::int64_t ttl_mark(std::int64_t ttl_ms);
// Whether it is a session id and not one of those marks.
bool is_ephemeral_owner(std::int64_t owner);

}  // namespace quoll::sim
