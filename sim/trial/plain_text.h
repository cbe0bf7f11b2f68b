// Records as text: so the model's answers are compared with the server's.
#pragma once

#include <string>
#include <string_view>

#include "types/acl.h"
#include "types/stat.h"

namespace quoll::sim {

std::string text_of(const Stat& stat);
std::string text_of(const AclList& acl);
// Length, hash and beginning.
std::string short_of(std::string_view data);

}  // namespace quoll::sim
