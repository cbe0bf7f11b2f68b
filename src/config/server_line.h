// Parses zoo.cfg's server.N lines, which describe the servers of an ensemble (QuorumPeer.QuorumServer in Apache's
// source).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::config {

// The host has no brackets; ports are 0 to 65535.
struct PeerAddress {
  std::string host;
  std::uint16_t quorum_port = 0;
  std::uint16_t election_port = 0;
  friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

struct PeerClientPort {
  std::string host;  // 0.0.0.0 if the line gives only a port
  std::uint16_t port = 0;
  friend bool operator==(const PeerClientPort&, const PeerClientPort&) = default;
};

enum class PeerRole { participant, observer };

struct ServerLine {
  std::string text;  // as written
  std::vector<PeerAddress> addresses;
  PeerRole role = PeerRole::participant;
  std::optional<PeerClientPort> client;
  friend bool operator==(const ServerLine&, const ServerLine&) = default;
};

// host:quorumPort:electionPort[:role][|...][;[host:]clientPort]. The error is a sentence without the key's name.
std::expected<ServerLine, std::string> parse_server_line(std::string_view text);

}  // namespace quoll::config
