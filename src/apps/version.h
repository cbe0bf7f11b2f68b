// Which version this is, and which of Apache ZooKeeper's it stands in for.
#pragma once

#include <string_view>

namespace quoll::apps {

inline constexpr std::string_view kVersion = QUOLL_VERSION;

}  // namespace quoll::apps
