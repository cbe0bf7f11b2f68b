// Sessions, and what goes with them or by the server's own hand.
#include "sim/trial/model.h"

namespace quoll::sim {

void Model::take_out(const std::string& path, std::int64_t zxid) {
  const AclList acl = tree.nodes[path].acl;
  tree.nodes.erase(path);
  NaiveTree::Node& parent = tree.nodes[parent_path(path)];
  parent.stat.pzxid = zxid;
  watches.on_deleted(path, acl, parent.acl);
}

void Model::close_session(std::int64_t session, std::int64_t zxid) {
  watches.fired.clear();
  sessions.erase(session);
  closed.insert(session);
  std::vector<std::string> gone;
  for (const auto& [path, node] : tree.nodes) {
    if (node.stat.ephemeral_owner == session) gone.push_back(path);
  }
  for (const std::string& path : gone) take_out(path, zxid);
}

bool Model::remove_container(const std::string& path, std::int64_t zxid) {
  watches.fired.clear();
  const auto at = tree.nodes.find(path);
  if (at == tree.nodes.end() || !tree.children(path).empty()) return false;
  const std::int64_t owner = at->second.stat.ephemeral_owner;
  if (owner == 0 || is_ephemeral_owner(owner)) return false;
  take_out(path, zxid);
  return true;
}

}  // namespace quoll::sim
