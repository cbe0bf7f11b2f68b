// Who waits for what, as plain as it can be: for each path the sets of those who watch it, and what a change tells
// them.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/trial/naive_tree.h"
#include "sim/trial/plan.h"
#include "types/error.h"

namespace quoll::sim {

// One who watches: a connection, by its number.
using Watcher = int;

struct ModelEvent {
  Watcher to = 0;
  std::int32_t type = 0;
  std::string path;
};

// `acl` says who may hear of it.
struct Fired {
  ModelEvent event;
  AclList acl;
};

class NaiveWatches {
 public:
  // By exists and getData, by getChildren: fires once.
  void watch_data(Watcher watcher, const std::string& path) { data_[path].standard.insert(watcher); }
  void watch_children(Watcher watcher, const std::string& path) { child_[path].standard.insert(watcher); }
  // addWatch.
  void add(Watcher watcher, const Ask& ask);
  // checkWatches and removeWatches; false: there was none.
  bool find_or_remove(Watcher watcher, const Ask& ask);
  // setWatches and setWatches2: what was missed is fired, the rest is watched again.
  void renew(Watcher watcher, const Ask& ask, const NaiveTree& tree);
  void forget(Watcher watcher);
  void forget_all();

  // The tree has changed so; with the parent's list where the parent's watchers hear of it too.
  void on_created(const std::string& path, const AclList& acl, const AclList& parent_acl);
  void on_deleted(const std::string& path, const AclList& acl, const AclList& parent_acl);
  void on_data_changed(const std::string& path, const AclList& acl);

  // By what has happened since somebody cleared it.
  std::vector<Fired> fired;

 private:
  struct Watches {
    std::set<Watcher> standard, persistent, recursive;
  };
  using Table = std::map<std::string, Watches>;
  void fire(std::int32_t type, const std::string& path, const AclList& acl, const std::vector<Table*>& tables);

  Table data_;
  Table child_;
};

}  // namespace quoll::sim
