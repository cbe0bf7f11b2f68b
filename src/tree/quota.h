// Quotas: the paths that have one, and the text format of limits and usage (org.apache.zookeeper.StatsTrack, Quotas).
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/keyed_hash.h"

namespace quoll::tree {

// "count=N,bytes=N[=;byteHardLimit=N;countHardLimit=N]". Missing values are -1.
class StatsTrack {
 public:
  // nullopt if the text does not have this format, or is longer than kBytesMax: no tool writes longer ones, and each
  // change below the path would parse the text again.
  static constexpr std::size_t kBytesMax = 512;
  static std::optional<StatsTrack> parse(std::string_view text);

  [[nodiscard]] std::int64_t count() const { return get("count"); }
  [[nodiscard]] std::int64_t bytes() const { return get("bytes"); }
  [[nodiscard]] std::int64_t count_hard_limit() const { return get("countHardLimit"); }
  [[nodiscard]] std::int64_t byte_hard_limit() const { return get("byteHardLimit"); }
  void set_count(std::int64_t value) { values_["count"] = value; }
  void set_bytes(std::int64_t value) { values_["bytes"] = value; }
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::int64_t get(const std::string& key) const {
    const auto at = values_.find(key);
    return at == values_.end() ? -1 : at->second;
  }
  std::map<std::string, std::int64_t> values_;
};

// The paths that have a quota. Only the nearest quota above a znode applies to it.
class QuotaPaths {
 public:
  explicit QuotaPaths(const base::HashKey& key = {}) : hashed_(0, base::KeyedHash(key)) {}
  void add(std::string_view path);
  void remove(std::string_view path);
  void clear();
  [[nodiscard]] bool empty() const { return paths_.empty(); }
  // The longest path with a quota that is `path` itself or an ancestor; empty if there is none. The root never has a
  // quota.
  [[nodiscard]] std::string_view nearest(std::string_view path) const;
  [[nodiscard]] const std::set<std::string, std::less<>>& all() const { return paths_; }

 private:
  std::set<std::string, std::less<>> paths_;
  // The same paths, for looking up each ancestor of a znode.
  boost::unordered_flat_set<std::string_view, base::KeyedHash, base::HashedEqual> hashed_;
};

// "/zookeeper/quota/a/zookeeper_limits" for "/a".
std::string limit_path(std::string_view path);
std::string stat_path(std::string_view path);
// The inverse: "/a" for "/zookeeper/quota/a"; "" for "/zookeeper/quota"; nullopt for paths outside of /zookeeper/quota.
std::optional<std::string_view> quota_path_of(std::string_view path);

}  // namespace quoll::tree
