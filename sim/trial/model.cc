// The model: sessions, and what the server itself removes.
#include "sim/trial/model.h"

namespace quoll::sim {

void Model::take_out(const std::string& path, std::int64_t zxid) {
  const AclList acl = tree.nodes[path].acl;
  const auto bytes = static_cast<std::int64_t>(tree.nodes[path].data.size());
  tree.nodes.erase(path);
  count_usage(tree, path, -bytes, -1);
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

bool Model::is_due(const StatPersisted& stat, std::int64_t time_ms) {
  const std::int64_t owner = stat.ephemeral_owner;
  if (owner == 0 || is_ephemeral_owner(owner)) return false;
  if (owner == INT64_MIN) return stat.cversion > 0;
  return time_ms - stat.mtime > (owner & 0xffffffffffLL);
}

bool Model::remove_container(const std::string& path, std::int64_t zxid, std::int64_t time_ms) {
  watches.fired.clear();
  const auto at = tree.nodes.find(path);
  if (at == tree.nodes.end() || !tree.children(path).empty()) return false;
  if (!is_due(at->second.stat, time_ms)) return false;
  take_out(path, zxid);
  return true;
}

void Model::start_anew(const std::map<std::string, NaiveTree::Node>& found) {
  for (const auto& [path, text] : quota_texts(tree)) {
    if (!is_statistics(path)) continue;
    const std::string of = counted_path(path);
    if (!of.empty() && tree.nodes.contains(limits_path(of))) {
      recount_usage(tree, of);
    } else if (const auto at = found.find(path); at != found.end()) {
      tree.nodes[path].data = at->second.data;
    }
  }
}

}  // namespace quoll::sim
