// Validity rules of znode paths (org.apache.zookeeper.common.PathUtils), and functions that split paths.
#pragma once

#include <string_view>

namespace quoll::path {

// "/zookeeper" and the znodes below it.
inline constexpr std::string_view kZookeeper = "/zookeeper";
inline constexpr std::string_view kQuota = "/zookeeper/quota";
inline constexpr std::string_view kConfig = "/zookeeper/config";
inline constexpr std::string_view kLimitNode = "zookeeper_limits";
inline constexpr std::string_view kStatNode = "zookeeper_stats";

// Why a path is invalid, as text for the log; empty if it is valid.
std::string_view invalid_reason(std::string_view path);
inline bool is_valid(std::string_view path) {
  return invalid_reason(path).empty();
}

// True for "/", "/zookeeper", "/zookeeper/quota" and "/zookeeper/config", which cannot be deleted.
bool is_special(std::string_view path);

// True if the path begins with exactly one slash and ends with a name. A tree requires this. Servers create no other
// paths, but a damaged or fabricated file may contain them: Apache's tree stores "//x" as a child of the root that no
// client can reach and that the next snapshot loses. The names themselves are checked by invalid_reason().
constexpr bool is_below_root(std::string_view path) {
  return path.size() > 1 && path[0] == '/' && path[1] != '/' && path.back() != '/';
}

// The part before the last slash: "" for "/a" and "/". `path` must contain a slash.
constexpr std::string_view parent(std::string_view path) {
  return path.substr(0, path.rfind('/'));
}
// The part after the last slash.
constexpr std::string_view name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}
// "a" for "/a/b/c"; empty if there is none.
std::string_view top_namespace(std::string_view path);

}  // namespace quoll::path
