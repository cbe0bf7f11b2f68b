// Which version this is, and which of Apache ZooKeeper's it stands in for.
#pragma once

#include <string_view>

namespace quoll::apps {

inline constexpr std::string_view kVersion = QUOLL_VERSION;
// Clients and tools read the version that a server calls itself and choose what they may ask of it.
inline constexpr std::string_view kApacheVersion = "3.9.5";
inline constexpr std::string_view kBuiltOn = QUOLL_BUILT_ON;

}  // namespace quoll::apps
