// Recognizes a TLS connection by its first bytes, for ports that accept both (client.portUnification).
#pragma once

#include <string_view>

namespace quoll::tls {

enum class FirstBytes { tls, plain, undecided };

// A TLS connection starts with a handshake record: 0x16, then the major version 3. A plain ZooKeeper connection starts
// with a frame length below 0x16000000 or with a lower-case four-letter word. Two bytes are enough to decide, or one if
// it is not 0x16.
constexpr FirstBytes looks_like_tls(std::string_view bytes) {
  if (bytes.empty()) return FirstBytes::undecided;
  if (bytes[0] != 0x16) return FirstBytes::plain;
  if (bytes.size() == 1) return FirstBytes::undecided;
  return bytes[1] == 0x03 ? FirstBytes::tls : FirstBytes::plain;
}

}  // namespace quoll::tls
