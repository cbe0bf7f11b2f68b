// Quotas, as plainly as they can be said: two znodes with a text each, and usage that is counted by walking.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sim/trial/naive_tree.h"
#include "types/error.h"

namespace quoll::sim {

// For "/a": "/zookeeper/quota/a", "/zookeeper/quota/a/zookeeper_limits" and the same of its statistics.
std::string quota_path(const std::string& path);
std::string limits_path(const std::string& path);
std::string statistics_path(const std::string& path);
// Is it the znode of some quota's statistics?
bool is_statistics(const std::string& path);
// "/a" for the path of its statistics.
std::string counted_path(const std::string& statistics);

// "count=1,bytes=2=;byteHardLimit=3;countHardLimit=4" by its names; nullopt: no such text.
std::optional<std::map<std::string, std::int64_t>> quota_numbers(const std::string& text);
std::string quota_text(const std::map<std::string, std::int64_t>& numbers);

// The texts of all znodes below /zookeeper/quota, by their paths: all that a refusal depends on.
using QuotaTexts = std::map<std::string, std::string>;
QuotaTexts quota_texts(const NaiveTree& tree);

// What a create or another value comes to under the quota that is nearest above it, nullptr: quotas
// refuse nothing.
Error check_quota(const QuotaTexts* texts, const std::string& path, std::int64_t bytes_more, std::int64_t count_more);

// The usage of the nearest quota follows a change.
void count_usage(NaiveTree& tree, const std::string& path, std::int64_t bytes_more, std::int64_t count_more);
// The statistics of this path's quota say what is there.
void recount_usage(NaiveTree& tree, const std::string& path);

}  // namespace quoll::sim
