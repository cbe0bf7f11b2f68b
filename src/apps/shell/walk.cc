#include "apps/shell/walk.h"

#include <algorithm>

#include "apps/shell/progress.h"

namespace quoll::apps::shell {

namespace {

client::Result<void> walk_below(Shell& shell, const std::string& path, const std::shared_ptr<client::Watcher>& watcher,
                                const std::function<void(const std::string&)>& visit) {
  auto listed = shell.zk().children(path, watcher);
  if (!listed) return listed.error().code == Error::no_node ? client::Result<void>() : std::unexpected(listed.error());
  std::ranges::sort(listed->names);
  for (const std::string& name : listed->names) visit(child_path(path, name));
  for (const std::string& name : listed->names) {
    if (auto walked = walk_below(shell, child_path(path, name), watcher, visit); !walked) return walked;
  }
  return {};
}

}  // namespace

std::string child_path(const std::string& parent, const std::string& name) {
  return parent == "/" ? "/" + name : parent + "/" + name;
}

client::Result<void> walk(Shell& shell, const std::string& path, const std::shared_ptr<client::Watcher>& watcher,
                          const std::function<void(const std::string&)>& visit) {
  if (const auto got = shell.zk().get(path, watcher); !got) return std::unexpected(got.error());
  visit(path);
  return walk_below(shell, path, watcher, visit);
}

client::Result<std::vector<std::string>> list_subtree(Shell& shell, const std::string& path) {
  std::vector<std::string> paths{path};
  Progress progress("znodes listed");
  for (std::size_t at = 0; at < paths.size(); ++at) {
    progress.at(at);
    const auto listed = shell.zk().children(paths[at]);
    if (!listed) return std::unexpected(listed.error());
    for (const std::string& name : listed->names) paths.push_back(child_path(paths[at], name));
  }
  return paths;
}

}  // namespace quoll::apps::shell
