// The rules of znode paths (org.apache.zookeeper.common.PathUtils) and the parts of a path.
#pragma once

#include <string_view>

namespace quoll::path {

// "/zookeeper" and what is below it.
inline constexpr std::string_view kZookeeper = "/zookeeper";
inline constexpr std::string_view kQuota = "/zookeeper/quota";
inline constexpr std::string_view kConfig = "/zookeeper/config";
inline constexpr std::string_view kLimitNode = "zookeeper_limits";
inline constexpr std::string_view kStatNode = "zookeeper_stats";

// Why a path is refused, in words for a log line; empty when the path is valid.
std::string_view invalid_reason(std::string_view path);
inline bool is_valid(std::string_view path) {
  return invalid_reason(path).empty();
}

// "/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config": nobody deletes these.
bool is_special(std::string_view path);

// What a tree relies on: a path begins with one slash and ends with a name. No server proposes another, but a damaged
// or made-up file may say it; Apache's tree takes "//x" for a child of the root that no client reaches and the next
// snapshot loses. Whether each name is a good one is invalid_reason's business.
constexpr bool is_below_root(std::string_view path) {
  return path.size() > 1 && path[0] == '/' && path[1] != '/' && path.back() != '/';
}

// Part before the last slash: "" for "/a" and "/". The caller has checked that there is a slash.
constexpr std::string_view parent(std::string_view path) {
  return path.substr(0, path.rfind('/'));
}
// Part behind the last slash.
constexpr std::string_view name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}
// "a" of "/a/b/c"; empty when there is none.
std::string_view top_namespace(std::string_view path);

}  // namespace quoll::path
