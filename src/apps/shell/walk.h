// Goes through a subtree as it is at the moment; other clients may change it meanwhile.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "apps/shell/shell.h"

namespace quoll::apps::shell {

// "/a" for the root and "a".
std::string child_path(const std::string& parent, const std::string& name);

// Calls `visit` for `path` and everything below it: first all children of a znode, sorted, then what is below each of
// them (org.apache.zookeeper.ZKUtil.visitSubTreeDFS). Znodes that go meanwhile are passed over.
client::Result<void> walk(Shell& shell, const std::string& path, const std::shared_ptr<client::Watcher>& watcher,
                          const std::function<void(const std::string&)>& visit);

// All paths, parents before their children.
client::Result<std::vector<std::string>> list_subtree(Shell& shell, const std::string& path);

}  // namespace quoll::apps::shell
