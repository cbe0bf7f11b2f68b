// The version of Quoll, and the version of Apache ZooKeeper that it is compatible with.
#pragma once

#include <string_view>

namespace quoll::apps {

inline constexpr std::string_view kVersion = QUOLL_VERSION;
// Clients and tools read this version from the server and use the features of that version.
inline constexpr std::string_view kApacheVersion = "3.9.5";
inline constexpr std::string_view kBuiltOn = QUOLL_BUILT_ON;

}  // namespace quoll::apps
