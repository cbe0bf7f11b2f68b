// Records as text, in which the answers of model and server are compared.
#pragma once

#include <string>
#include <string_view>

#include "types/acl.h"
#include "types/stat.h"

namespace quoll::sim {

std::string text_of(const Stat& stat);
std::string text_of(const AclList& acl);
// Length, hash and first bytes of the data.
std::string short_of(std::string_view data);

}  // namespace quoll::sim
