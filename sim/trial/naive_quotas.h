// The model's quotas: two znodes with a text each, and usage that is counted by walking the tree.
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
// Whether the path is that of a quota's statistics.
bool is_statistics(const std::string& path);
// The path whose statistics these are, such as "/a".
std::string counted_path(const std::string& statistics);

// Parses "count=1,bytes=2=;byteHardLimit=3;countHardLimit=4"; nullopt: it has another form.
std::optional<std::map<std::string, std::int64_t>> quota_numbers(const std::string& text);
std::string quota_text(const std::map<std::string, std::int64_t>& numbers);

// The texts of all znodes below /zookeeper/quota, by path. A refusal depends only on these.
using QuotaTexts = std::map<std::string, std::string>;
QuotaTexts quota_texts(const NaiveTree& tree);

// The result of a create or a setData under the nearest quota above it; `texts` null: quotas refuse nothing.
Error check_quota(const QuotaTexts* texts, const std::string& path, std::int64_t bytes_more, std::int64_t count_more);

// Adds a change to the usage of the nearest quota.
void count_usage(NaiveTree& tree, const std::string& path, std::int64_t bytes_more, std::int64_t count_more);
// Counts the usage of this path's quota again.
void recount_usage(NaiveTree& tree, const std::string& path);

}  // namespace quoll::sim
