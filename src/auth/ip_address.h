// IPv4 and IPv6 addresses as ACL ids name them, with an optional prefix length
// (org.apache.zookeeper.server.auth.IPAuthenticationProvider).
#pragma once

#include <string>
#include <string_view>

namespace quoll::auth {

// "10.0.0.0/8", "192.168.1.7", "::1", "fe80::/10".
bool is_valid_ip_pattern(std::string_view pattern);
// Families never match each other.
bool ip_matches(std::string_view address, std::string_view pattern);
// "0:0:0:0:0:0:0:1": how Java's InetAddress prints a numeric address; an IPv4-mapped IPv6 address becomes plain IPv4.
std::string java_host_address(std::string_view address);

}  // namespace quoll::auth
