#include "sim/trial/naive_quotas.h"

#include <charconv>
#include <fmt/format.h>

namespace quoll::sim {

namespace {
const std::string kQuota = "/zookeeper/quota";
const std::string kLimits = "/zookeeper_limits";
const std::string kStatistics = "/zookeeper_stats";

std::int64_t number_in(const std::map<std::string, std::int64_t>& numbers, const std::string& name) {
  const auto at = numbers.find(name);
  return at == numbers.end() ? -1 : at->second;
}

// The nearest path in `known`: the path itself or one above it; "/": there is none.
template <typename ByPath>
std::string nearest(const ByPath& known, std::string path) {
  while (path != "/" && !known.contains(limits_path(path))) path = parent_path(path);
  return path;
}
}  // namespace

std::string quota_path(const std::string& path) {
  return kQuota + path;
}

std::string limits_path(const std::string& path) {
  return quota_path(path) + kLimits;
}

std::string statistics_path(const std::string& path) {
  return quota_path(path) + kStatistics;
}

std::string counted_path(const std::string& statistics) {
  return statistics.substr(kQuota.size(), statistics.size() - kQuota.size() - kStatistics.size());
}

bool is_statistics(const std::string& path) {
  return path.starts_with(kQuota + "/") && path.ends_with(kStatistics);
}

std::optional<std::map<std::string, std::int64_t>> quota_numbers(const std::string& text) {
  std::map<std::string, std::int64_t> numbers;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find_first_of(",;", from), text.size());
    const std::string pair = text.substr(from, end - from);
    from = end + 1;
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return std::nullopt;
    // The "=" at the end of the old numbers hides the new ones from old versions.
    const std::string digits = pair.substr(equals + 1, pair.find('=', equals + 1) - equals - 1);
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || stop != digits.data() + digits.size()) return std::nullopt;
    numbers[pair.substr(0, equals)] = number;
  }
  return numbers;
}

std::string quota_text(const std::map<std::string, std::int64_t>& numbers) {
  std::string text = fmt::format("count={},bytes={}", number_in(numbers, "count"), number_in(numbers, "bytes"));
  std::string more;
  for (const auto& [name, number] : numbers) {
    if (name != "count" && name != "bytes") more += fmt::format(";{}={}", name, number);
  }
  return more.empty() ? text : text + "=" + more;
}

QuotaTexts quota_texts(const NaiveTree& tree) {
  QuotaTexts texts;
  const std::string prefix = kQuota + "/";
  for (auto at = tree.nodes.lower_bound(prefix); at != tree.nodes.end() && at->first.starts_with(prefix); ++at)
    texts[at->first] = at->second.data;
  return texts;
}

Error check_quota(const QuotaTexts* texts, const std::string& path, std::int64_t bytes_more, std::int64_t count_more) {
  if (texts == nullptr) return Error::ok;
  const std::string of = nearest(*texts, path);
  if (of == "/") return Error::ok;
  // If limits or statistics cannot be parsed, every request that needs them fails.
  const auto limits = quota_numbers(texts->at(limits_path(of)));
  if (!limits) return Error::marshalling_error;
  struct Kind {
    std::string used, hard;
    std::int64_t more;
  };
  for (const Kind& kind : {Kind{"count", "countHardLimit", count_more}, Kind{"bytes", "byteHardLimit", bytes_more}}) {
    const std::int64_t soft = number_in(*limits, kind.used);
    const std::int64_t hard = number_in(*limits, kind.hard);
    if (kind.more == 0 || (soft <= -1 && hard <= -1)) continue;
    const auto statistics = texts->find(statistics_path(of));
    if (statistics == texts->end()) return Error::ok;
    const auto usage = quota_numbers(statistics->second);
    if (!usage) return Error::marshalling_error;
    // A soft limit only causes a log line.
    if (hard > -1 && number_in(*usage, kind.used) + kind.more > hard) return Error::quota_exceeded;
  }
  return Error::ok;
}

void count_usage(NaiveTree& tree, const std::string& path, std::int64_t bytes_more, std::int64_t count_more) {
  const std::string of = nearest(tree.nodes, path);
  if (of == "/") return;
  const auto statistics = tree.nodes.find(statistics_path(of));
  if (statistics == tree.nodes.end()) return;
  auto usage = quota_numbers(statistics->second.data);
  if (!usage) return;
  (*usage)["count"] = number_in(*usage, "count") + count_more;
  (*usage)["bytes"] = number_in(*usage, "bytes") + bytes_more;
  statistics->second.data = quota_text(*usage);
}

void recount_usage(NaiveTree& tree, const std::string& path) {
  const auto statistics = tree.nodes.find(statistics_path(path));
  if (statistics == tree.nodes.end()) return;
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  for (const auto& [each, node] : tree.nodes) {
    if (each != path && !each.starts_with(path + "/")) continue;
    ++count;
    bytes += static_cast<std::int64_t>(node.data.size());
  }
  statistics->second.data = quota_text({{"count", count}, {"bytes", bytes}});
}

}  // namespace quoll::sim
