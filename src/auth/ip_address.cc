#include "auth/ip_address.h"

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include "base/java_int.h"

namespace quoll::auth {

namespace {

using Bytes = std::vector<std::uint8_t>;

std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + separator.size());
  }
}

std::optional<Bytes> parse_v4(std::string_view text) {
  Bytes bytes;
  for (const std::string_view part : split(text, ".")) {
    const auto value = base::java_int(part, 10);
    if (!value || *value < 0 || *value > 255) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(*value));
  }
  if (bytes.size() != 4) return std::nullopt;
  return bytes;
}

bool append_segments(std::string_view text, Bytes& bytes) {
  if (text.empty()) return true;
  for (const std::string_view segment : split(text, ":")) {
    const auto value = segment.size() > 4 ? std::nullopt : base::java_int(segment, 16);
    // Apache's server uses the low 16 bits of a negative number: "::-1" is "::ffff".
    if (!value) return false;
    bytes.push_back(static_cast<std::uint8_t>(*value >> 8));
    bytes.push_back(static_cast<std::uint8_t>(*value));
  }
  return true;
}

std::optional<Bytes> parse_v6(std::string_view text) {
  const auto halves = split(text, "::");
  Bytes head;
  Bytes tail;
  if (halves.size() > 2 || !append_segments(halves[0], head)) return std::nullopt;
  if (halves.size() == 1) return head.size() == 16 ? std::optional(head) : std::nullopt;
  if (!append_segments(halves[1], tail) || head.size() + tail.size() >= 16) return std::nullopt;
  head.resize(16 - tail.size());
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

std::optional<Bytes> parse(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  return parse_v4(text);
}

struct Pattern {
  Bytes bytes;
  std::size_t bits = 0;
};

std::optional<Pattern> parse_pattern(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto bytes = parse(text.substr(0, slash));
  if (!bytes) return std::nullopt;
  Pattern pattern{*bytes, bytes->size() * 8};
  if (slash == std::string_view::npos) return pattern;
  const auto bits = base::java_int(text.substr(slash + 1), 10);
  if (!bits || *bits < 0 || static_cast<std::size_t>(*bits) > pattern.bits) return std::nullopt;
  pattern.bits = static_cast<std::size_t>(*bits);
  return pattern;
}

}  // namespace

bool is_valid_ip_pattern(std::string_view pattern) {
  return parse_pattern(pattern).has_value();
}

bool ip_matches(std::string_view address, std::string_view pattern_text) {
  const auto pattern = parse_pattern(pattern_text);
  const auto bytes = parse(address);
  if (!pattern || !bytes || bytes->size() != pattern->bytes.size()) return false;
  for (std::size_t bit = 0; bit < pattern->bits; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80 >> (bit % 8));
    if (((*bytes)[bit / 8] & mask) != (pattern->bytes[bit / 8] & mask)) return false;
  }
  return true;
}

std::size_t IpTable::Hash::operator()(const Prefix& prefix) const {
  const base::HashKey own{key.first ^ prefix.bits, key.second ^ prefix.address_bytes};
  return base::keyed_hash(own, {prefix.bytes.data(), prefix.address_bytes});
}

IpTable::Prefix IpTable::prefix_of(const std::uint8_t* address, std::size_t address_bytes, std::size_t bits) {
  Prefix prefix;
  prefix.address_bytes = static_cast<std::uint8_t>(address_bytes);
  prefix.bits = static_cast<std::uint8_t>(bits);
  for (std::size_t i = 0; i * 8 < bits; ++i) {
    const std::size_t left = bits - i * 8;
    const unsigned mask = left >= 8 ? 0xffU : 0xffU << (8 - left);
    prefix.bytes[i] = static_cast<char>(address[i] & mask);
  }
  return prefix;
}

void IpTable::add(std::string_view pattern_text, std::int32_t perms) {
  const auto pattern = parse_pattern(pattern_text);
  if (!pattern) return;
  (pattern->bytes.size() == 4 ? lengths_v4_ : lengths_v6_).set(pattern->bits);
  perms_[prefix_of(pattern->bytes.data(), pattern->bytes.size(), pattern->bits)] |= perms;
}

std::int32_t IpTable::perms_of(std::string_view address_text) const {
  if (perms_.empty()) return 0;
  const auto address = parse(address_text);
  if (!address) return 0;
  const Lengths& lengths = lengths_of(address->size());
  std::int32_t perms = 0;
  for (std::size_t bits = 0; bits <= address->size() * 8; ++bits) {
    if (!lengths.test(bits)) continue;
    const auto at = perms_.find(prefix_of(address->data(), address->size(), bits));
    if (at != perms_.end()) perms |= at->second;
  }
  return perms;
}

std::string java_host_address(std::string_view address) {
  const std::string_view scope_free = address.substr(0, address.find('%'));
  if (scope_free.starts_with("::ffff:") && scope_free.find('.') != std::string_view::npos)
    return std::string(scope_free.substr(7));
  const auto bytes = parse(scope_free);
  if (!bytes || bytes->size() == 4) return std::string(address);
  std::string out;
  for (std::size_t i = 0; i < 16; i += 2) {
    out += fmt::format("{}{:x}", i == 0 ? "" : ":", ((*bytes)[i] << 8) | (*bytes)[i + 1]);
  }
  return out + std::string(address.substr(scope_free.size()));
}

}  // namespace quoll::auth
