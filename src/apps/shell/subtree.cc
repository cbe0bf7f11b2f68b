#include "apps/shell/subtree.h"

#include <algorithm>

#include "apps/shell/progress.h"

namespace quoll::apps::shell {

namespace {

constexpr OwnerRules kAnyOwner{.extended = true};

// Depth first, so that the list reads like a tree.
client::Result<void> read_into(Shell& shell, const std::string& root, const std::string& below, WithAcl with_acl,
                               std::vector<Node>& nodes, Progress& progress) {
  progress.at(nodes.size());
  const std::string path = join(root, below);
  auto got = shell.zk().get(path);
  if (!got) return std::unexpected(got.error());
  Node node{below, std::move(got->data), {}, got->stat};
  const OwnerKind kind = owner_kind(got->stat.ephemeral_owner, kAnyOwner);
  node.mode = {.container = kind == OwnerKind::container, .ttl = kind == OwnerKind::ttl};
  if (node.mode.ttl) node.ttl_ms = ttl_ms(got->stat.ephemeral_owner, kAnyOwner);
  if (with_acl == WithAcl::yes) {
    auto acl = shell.zk().get_acl(path);
    if (!acl) return std::unexpected(acl.error());
    node.acl = std::move(acl->acl);
  }
  nodes.push_back(std::move(node));
  if (got->stat.num_children == 0) return {};
  auto listed = shell.zk().children(path);
  if (!listed) return std::unexpected(listed.error());
  std::ranges::sort(listed->names);
  for (const std::string& name : listed->names) {
    const auto read = read_into(shell, root, below + "/" + name, with_acl, nodes, progress);
    if (!read && read.error().code != Error::no_node) return read;
  }
  return {};
}

}  // namespace

bool Node::is_ephemeral() const {
  return owner_kind(stat.ephemeral_owner, kAnyOwner) == OwnerKind::session;
}

std::string join(const std::string& root, const std::string& below) {
  if (below.empty()) return root;
  return root == "/" ? below : root + below;
}

client::Result<std::vector<Node>> read_subtree(Shell& shell, const std::string& path, WithAcl with_acl) {
  std::vector<Node> nodes;
  Progress progress("znodes read");
  if (const auto read = read_into(shell, path, "", with_acl, nodes, progress); !read)
    return std::unexpected(read.error());
  return nodes;
}

}  // namespace quoll::apps::shell
