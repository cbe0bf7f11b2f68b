// Which member does which work: evenly, and with as few moves as possible.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace quoll::recipes {

using Assignment = std::map<std::string, std::set<std::string>>;  // items of work, by member

// Every item gets one of `members`, and the numbers of their items differ by at most one. Members keep what they have
// in `current`, as far as that allows; items without a member go to those who have least, in the order of `members`.
Assignment balance(const std::vector<std::string>& members, const std::set<std::string>& items,
                   const Assignment& current);

}  // namespace quoll::recipes
