#include "config/membership_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ranges>
#include <vector>

#include "config/text.h"

namespace quoll::config {
namespace {

template <typename Number>
std::optional<Number> number(std::string_view text, int base) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// One to four decimal parts; the last one fills the rest of the four bytes.
std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.empty() || parts.size() > 4) return std::nullopt;
  std::uint32_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto value = number<std::uint32_t>(parts[i], 10);
    const std::size_t bytes = i + 1 == parts.size() ? 5 - parts.size() : 1;
    if (!value || std::uint64_t{*value} >> (8 * bytes) != 0) return std::nullopt;
    address = static_cast<std::uint32_t>(std::uint64_t{address} << (8 * bytes)) | *value;
  }
  return address;
}

std::string ipv4_text(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 0xff, address >> 8 & 0xff, address & 0xff);
}

using Groups = std::vector<std::uint16_t>;

// The 16-bit groups on one side of "::". The last part may be an IPv4 address.
std::optional<Groups> ipv6_groups(std::string_view text) {
  Groups groups;
  if (text.empty()) return groups;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i + 1 == parts.size() && parts[i].contains('.')) {
      const auto tail = std::ranges::count(parts[i], '.') == 3 ? parse_ipv4(parts[i]) : std::nullopt;
      if (!tail) return std::nullopt;
      groups.push_back(static_cast<std::uint16_t>(*tail >> 16));
      groups.push_back(static_cast<std::uint16_t>(*tail));
    } else if (const auto value = number<std::uint16_t>(parts[i], 16)) {
      groups.push_back(*value);
    } else {
      return std::nullopt;
    }
  }
  return groups;
}

std::optional<Groups> parse_ipv6(std::string_view text) {
  constexpr std::size_t kGroups = 8;
  const auto gap = text.find("::");
  auto head = ipv6_groups(text.substr(0, gap));
  if (!head) return std::nullopt;
  if (gap == std::string_view::npos) return head->size() == kGroups ? head : std::nullopt;
  const auto tail = ipv6_groups(text.substr(gap + 2));
  if (!tail || head->size() + tail->size() >= kGroups) return std::nullopt;
  head->resize(kGroups - tail->size());
  head->insert(head->end(), tail->begin(), tail->end());
  return head;
}

// Java takes an IPv4 address that is written as an IPv6 address for the former.
std::string ipv6_text(const Groups& groups) {
  const bool is_mapped =
      std::ranges::all_of(groups | std::views::take(5), [](auto g) { return g == 0; }) && groups[5] == 0xffff;
  if (is_mapped) return ipv4_text(std::uint32_t{groups[6]} << 16 | groups[7]);
  return fmt::format("{:x}", fmt::join(groups, ":"));
}

// In the order of a java.util.HashMap with these Long keys. Those that meet in one bucket, which takes ids above 15,
// are ordered by id here; there, by a second map's order.
template <typename Value>
std::vector<std::pair<std::int64_t, Value>> in_java_order(const std::map<std::int64_t, Value>& map) {
  std::size_t buckets = 16;
  while (map.size() > buckets / 4 * 3) buckets *= 2;
  const auto bucket = [&](const auto& entry) {
    const auto key = static_cast<std::uint64_t>(entry.first);
    const auto hash = static_cast<std::uint32_t>(key ^ key >> 32);
    return (hash ^ hash >> 16) & (buckets - 1);
  };
  std::vector<std::pair<std::int64_t, Value>> entries(map.begin(), map.end());
  std::ranges::stable_sort(entries, {}, bucket);
  return entries;
}

std::string bracketed(std::string_view host) {
  const auto text = java_host(host);
  return text.contains(':') ? fmt::format("[{}]", text) : text;
}

std::string server_text(const ServerLine& line) {
  auto addresses = line.addresses;
  std::ranges::stable_sort(addresses, {}, [](const PeerAddress& a) { return java_host(a.host); });
  std::string text;
  for (const auto& a : addresses)
    text += fmt::format("{}{}:{}:{}", text.empty() ? "" : "|", bracketed(a.host), a.quorum_port, a.election_port);
  text += line.role == PeerRole::observer ? ":observer" : ":participant";
  if (line.client) text += fmt::format(";{}:{}", bracketed(line.client->host), line.client->port);
  return text;
}

std::string groups_text(const Ensemble& ensemble) {
  std::map<std::int64_t, std::string> groups;
  for (const auto& [server, group] : in_java_order(ensemble.group_of)) {
    auto& members = groups[group];
    members += fmt::format("{}{}", members.empty() ? "" : ":", server);
  }
  std::string text;
  for (const auto& [group, members] : in_java_order(groups)) text += fmt::format("group.{}={}\n", group, members);
  auto weights = ensemble.weight_of;
  for (const auto& [id, line] : ensemble.servers) {
    if (line.role == PeerRole::participant) weights.emplace(id, 1);
  }
  for (const auto& [server, weight] : in_java_order(weights)) text += fmt::format("weight.{}={}\n", server, weight);
  return text;
}

}  // namespace

std::string membership_text(const Ensemble& ensemble) {
  std::string text;
  for (const auto& [id, line] : in_java_order(ensemble.servers))
    text += fmt::format("server.{}={}\n", id, server_text(line));
  if (ensemble.has_groups) text += groups_text(ensemble);
  return text + fmt::format("version={:x}", static_cast<std::uint64_t>(ensemble.version));
}

std::string java_host(std::string_view host) {
  if (host.empty()) return "localhost";
  if (const auto groups = host.contains(':') ? parse_ipv6(host) : std::nullopt) return ipv6_text(*groups);
  if (const auto address = parse_ipv4(host)) return ipv4_text(*address);
  return std::string(host);
}

}  // namespace quoll::config
