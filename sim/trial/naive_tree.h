// A tree as plain as it can be: a map of paths. On purpose slow, and on purpose without a line of the server's.
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

  // What a server has before anybody has come.
  NaiveTree();

  [[nodiscard]] std::vector<std::string> children(const std::string& path) const;
  [[nodiscard]] std::size_t count_below(const std::string& path) const;
  [[nodiscard]] Stat stat_of(const std::string& path) const;
  [[nodiscard]] std::int64_t digest() const;

  std::map<std::string, Node> nodes;
};

std::string parent_path(const std::string& path);
bool is_valid_path(const std::string& path);
// Nobody may remove these.
bool is_servers_own(const std::string& path);

// What ephemeralOwner says of TTL nodes; containers have INT64_MIN.
std::int64_t ttl_mark(std::int64_t ttl_ms);
// Of a session, not of one of those marks.
bool is_ephemeral_owner(std::int64_t owner);

}  // namespace quoll::sim
