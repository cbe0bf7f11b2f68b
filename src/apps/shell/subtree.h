// A subtree, read as it is at the moment; other clients may change it meanwhile.
#pragma once

#include <string>
#include <vector>

#include "apps/shell/shell.h"
#include "types/create_mode.h"

namespace quoll::apps::shell {

struct Node {
  std::string below;  // its path below the subtree's root: "" for the root itself, "/a/b"
  client::Bytes data;
  AclList acl;
  Stat stat;
  // How to create it again. Servers show a container or a TTL znode as a plain one; only a server that does not know
  // these kinds, as before 3.5.3 or without extendedTypesEnabled, shows the owner that encodes them.
  CreateMode mode = {};
  std::int64_t ttl_ms = 0;  // with mode.ttl

  // It belongs to a session.
  [[nodiscard]] bool is_ephemeral() const;
};

enum class WithAcl { no, yes };

// Parents before their children, siblings sorted. Znodes that go meanwhile are left out, but the root must exist.
client::Result<std::vector<Node>> read_subtree(Shell& shell, const std::string& path, WithAcl with_acl);

// "/a" and "/b" make "/a/b"; "/" and "/b" make "/b"; "/" and "" make "/".
std::string join(const std::string& root, const std::string& below);

}  // namespace quoll::apps::shell
