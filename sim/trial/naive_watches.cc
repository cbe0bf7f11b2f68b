#include "sim/trial/naive_watches.h"

namespace quoll::sim {

namespace {
constexpr std::int32_t kCreated = 1;
constexpr std::int32_t kDeleted = 2;
constexpr std::int32_t kDataChanged = 3;
constexpr std::int32_t kChildrenChanged = 4;
}  // namespace

// A watcher gets one event for each change, even if it has several watches there.
void NaiveWatches::fire(std::int32_t type, const std::string& path, const AclList& acl,
                        const std::vector<Table*>& tables) {
  std::set<Watcher> to;
  for (Table* const table : tables) {
    const auto at = table->find(path);
    if (at == table->end()) continue;
    to.insert(at->second.standard.begin(), at->second.standard.end());
    to.insert(at->second.persistent.begin(), at->second.persistent.end());
    at->second.standard.clear();
  }
  // Recursive watches get the event of the znode itself, but no child events.
  for (std::string above = path; type != kChildrenChanged; above = parent_path(above)) {
    const auto at = data_.find(above);
    if (at != data_.end()) to.insert(at->second.recursive.begin(), at->second.recursive.end());
    if (above == "/") break;
  }
  for (const Watcher watcher : to) fired.push_back({{watcher, type, path}, acl});
}

void NaiveWatches::on_created(const std::string& path, const AclList& acl, const AclList& parent_acl) {
  fire(kCreated, path, acl, {&data_});
  fire(kChildrenChanged, parent_path(path), parent_acl, {&child_});
}

void NaiveWatches::on_deleted(const std::string& path, const AclList& acl, const AclList& parent_acl) {
  fire(kDeleted, path, acl, {&data_, &child_});
  fire(kChildrenChanged, parent_path(path), parent_acl, {&child_});
}

void NaiveWatches::on_data_changed(const std::string& path, const AclList& acl) {
  fire(kDataChanged, path, acl, {&data_});
}

void NaiveWatches::add(Watcher watcher, const Ask& ask) {
  if (ask.type == 0) {
    data_[ask.path].persistent.insert(watcher);
    child_[ask.path].persistent.insert(watcher);
  } else {
    data_[ask.path].recursive.insert(watcher);
  }
}

bool NaiveWatches::find_or_remove(Watcher watcher, const Ask& ask) {
  Watches& data = data_[ask.path];
  Watches& child = child_[ask.path];
  std::vector<std::set<Watcher>*> meant;
  if (ask.type == 1) meant = {&child.standard};
  if (ask.type == 2) meant = {&data.standard};
  if (ask.type == 3) meant = {&child.standard, &child.persistent, &data.standard, &data.persistent, &data.recursive};
  if (ask.type == 4) meant = {&data.persistent, &child.persistent};
  if (ask.type == 5) meant = {&data.recursive};
  bool found = false;
  for (std::set<Watcher>* const kind : meant)
    found |= ask.op == OpCode::remove_watches ? kind->erase(watcher) > 0 : kind->contains(watcher);
  return found;
}

void NaiveWatches::renew(Watcher watcher, const Ask& ask, const NaiveTree& tree) {
  const auto make_up = [&](std::int32_t type, const std::string& path) {
    fired.push_back({{watcher, type, path}, {}});
  };
  // A data or child watch: the znode was deleted, was changed, or is watched again.
  const auto renew_one = [&](const std::string& path, std::int64_t StatPersisted::* changed_at, std::int32_t changed,
                             Table& table) {
    const auto at = tree.nodes.find(path);
    if (at == tree.nodes.end()) {
      make_up(kDeleted, path);
    } else if (at->second.stat.*changed_at > ask.relative_zxid) {
      make_up(changed, path);
    } else {
      table[path].standard.insert(watcher);
    }
  };
  for (const std::string& path : ask.data_watches) renew_one(path, &StatPersisted::mzxid, kDataChanged, data_);
  for (const std::string& path : ask.exist_watches) {
    if (tree.nodes.contains(path)) {
      make_up(kCreated, path);
    } else {
      watch_data(watcher, path);
    }
  }
  for (const std::string& path : ask.child_watches) renew_one(path, &StatPersisted::pzxid, kChildrenChanged, child_);
  if (ask.op != OpCode::set_watches2) return;
  for (const std::string& path : ask.persistent_watches) {
    data_[path].persistent.insert(watcher);
    child_[path].persistent.insert(watcher);
  }
  for (const std::string& path : ask.recursive_watches) data_[path].recursive.insert(watcher);
}

void NaiveWatches::forget(Watcher watcher) {
  for (Table* const table : {&data_, &child_}) {
    for (auto& [path, watches] : *table) {
      for (auto* kind : {&watches.standard, &watches.persistent, &watches.recursive}) kind->erase(watcher);
    }
  }
}

void NaiveWatches::forget_all() {
  data_.clear();
  child_.clear();
}

}  // namespace quoll::sim
