// IPv4 and IPv6 addresses in ACL ids, with an optional prefix length
// (org.apache.zookeeper.server.auth.IPAuthenticationProvider).
#pragma once

#include <array>
#include <bitset>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/keyed_hash.h"

namespace quoll::auth {

// "10.0.0.0/8", "192.168.1.7", "::1", "fe80::/10".
bool is_valid_ip_pattern(std::string_view pattern);
// An IPv4 address never matches an IPv6 pattern, nor the reverse.
bool ip_matches(std::string_view address, std::string_view pattern);

// Many address patterns with permissions, for looking up what all patterns that match an address grant together.
class IpTable {
 public:
  explicit IpTable(const base::HashKey& key) : perms_(0, Hash{key}) {}
  // A text that is not a pattern matches nothing.
  void add(std::string_view pattern, std::int32_t perms);
  [[nodiscard]] std::int32_t perms_of(std::string_view address) const;

 private:
  // The bits after the prefix are zero.
  struct Prefix {
    std::array<char, 16> bytes{};
    std::uint8_t address_bytes = 0;  // 4 or 16
    std::uint8_t bits = 0;
    friend bool operator==(const Prefix&, const Prefix&) = default;
  };
  struct Hash {
    using is_avalanching = void;
    base::HashKey key;
    std::size_t operator()(const Prefix& prefix) const;
  };
  using Lengths = std::bitset<129>;

  [[nodiscard]] const Lengths& lengths_of(std::size_t address_bytes) const {
    return address_bytes == 4 ? lengths_v4_ : lengths_v6_;
  }
  static Prefix prefix_of(const std::uint8_t* address, std::size_t address_bytes, std::size_t bits);

  boost::unordered_flat_map<Prefix, std::int32_t, Hash> perms_;
  Lengths lengths_v4_;  // the prefix lengths that occur
  Lengths lengths_v6_;
};

// The address as Java's InetAddress prints it ("0:0:0:0:0:0:0:1"). An IPv4-mapped IPv6 address becomes an IPv4 address.
std::string java_host_address(std::string_view address);

}  // namespace quoll::auth
