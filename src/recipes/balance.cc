#include "recipes/balance.h"

#include <algorithm>

namespace quoll::recipes {

namespace {

// What each keeps of what it has: an item has one member, the first that claims it.
Assignment kept_of(const std::vector<std::string>& members, const std::set<std::string>& items,
                   const Assignment& current, std::set<std::string>& free) {
  free = items;
  Assignment kept;
  for (const std::string& member : members) {
    auto& own = kept[member];
    const auto has = current.find(member);
    if (has == current.end()) continue;
    for (const std::string& item : has->second) {
      if (free.erase(item) == 1) own.insert(item);
    }
  }
  return kept;
}

}  // namespace

Assignment balance(const std::vector<std::string>& members, const std::set<std::string>& items,
                   const Assignment& current) {
  if (members.empty()) return {};
  std::set<std::string> free;
  Assignment plan = kept_of(members, items, current, free);
  const std::size_t share = items.size() / members.size();
  // Those who have most keep the items that cannot be shared evenly.
  std::vector<std::string> order = members;
  std::ranges::stable_sort(order, std::ranges::greater(), [&](const std::string& each) { return plan[each].size(); });
  std::map<std::string, std::size_t> quota;
  for (std::size_t i = 0; i < order.size(); ++i) quota[order[i]] = share + (i < items.size() % members.size() ? 1 : 0);
  for (auto& [member, own] : plan) {
    while (own.size() > quota[member]) free.insert(own.extract(std::prev(own.end())).value());
  }
  for (const std::string& member : members) {
    auto& own = plan[member];
    while (own.size() < quota[member]) own.insert(free.extract(free.begin()).value());
  }
  return plan;
}

}  // namespace quoll::recipes
