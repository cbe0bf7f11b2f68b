// The model's watches: the sets of watchers of each path, and the events that a change causes.
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

// A connection, by its number.
using Watcher = int;

struct ModelEvent {
  Watcher to = 0;
  std::int32_t type = 0;
  std::string path;
};

// Only watchers with READ in `acl` get the event.
struct Fired {
  ModelEvent event;
  AclList acl;
};

class NaiveWatches {
 public:
  // Watches of exists and getData, and of getChildren: they fire once.
  void watch_data(Watcher watcher, const std::string& path) { data_[path].standard.insert(watcher); }
  void watch_children(Watcher watcher, const std::string& path) { child_[path].standard.insert(watcher); }
  // addWatch.
  void add(Watcher watcher, const Ask& ask);
  // checkWatches and removeWatches; false: there was none.
  bool find_or_remove(Watcher watcher, const Ask& ask);
  // setWatches and setWatches2: fires missed events, and sets the other watches again.
  void renew(Watcher watcher, const Ask& ask, const NaiveTree& tree);
  void forget(Watcher watcher);
  void forget_all();

  // The tree has changed; `parent_acl` decides which watchers of the parent get the event.
  void on_created(const std::string& path, const AclList& acl, const AclList& parent_acl);
  void on_deleted(const std::string& path, const AclList& acl, const AclList& parent_acl);
  void on_data_changed(const std::string& path, const AclList& acl);

  // The events since the caller last cleared it.
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
