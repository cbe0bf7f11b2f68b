#include "config/server_line.h"

#include <algorithm>
#include <charconv>

#include "config/text.h"

namespace quoll::config {
namespace {

using Failed = std::unexpected<std::string>;

constexpr std::string_view kForm =
    "is not of the form host:quorumPort:electionPort[:participant|observer][;[host:]clientPort]";

// Splits at colons outside of the brackets of an IPv6 address, and removes the brackets.
std::vector<std::string> colon_parts(std::string_view text) {
  std::vector<std::string> parts;
  if (text.starts_with('[')) {
    if (const auto end = text.find(']'); end != std::string_view::npos) {
      parts.emplace_back(text.substr(1, end - 1));
      text.remove_prefix(end + 1);
      if (text.empty()) return parts;
      if (text.starts_with(':')) text.remove_prefix(1);
    }
  }
  for (const auto part : split(text, ':')) parts.emplace_back(part);
  return parts;
}

std::expected<std::uint16_t, std::string> port(std::string_view text) {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return Failed("has a port that is not a number from 0 to 65535");
  return value;
}

std::expected<PeerRole, std::string> role(std::string_view text) {
  const auto word = lower_case(trimmed(text));
  if (word == "participant") return PeerRole::participant;
  if (word == "observer") return PeerRole::observer;
  return Failed("has a role that is neither participant nor observer");
}

struct Peer {
  PeerAddress address;
  std::optional<PeerRole> role;
};

std::expected<Peer, std::string> peer(std::string_view text) {
  const auto parts = colon_parts(text);
  if (parts.size() < 3 || parts.size() > 4) return Failed(std::string(kForm));
  const auto quorum = port(parts[1]);
  const auto election = port(parts[2]);
  if (!quorum) return Failed(quorum.error());
  if (!election) return Failed(election.error());
  if (*quorum == *election) return Failed("has the same quorum and election port");
  Peer found{{parts[0], *quorum, *election}, {}};
  if (parts.size() == 4) {
    const auto said = role(parts[3]);
    if (!said) return Failed(said.error());
    found.role = *said;
  }
  return found;
}

std::expected<PeerClientPort, std::string> client_port(std::string_view text) {
  const auto parts = colon_parts(text);
  if (parts.empty() || parts.size() > 2) return Failed(std::string(kForm));
  const auto number = port(parts.back());
  if (!number) return Failed(number.error());
  return PeerClientPort{parts.size() == 2 ? parts[0] : "0.0.0.0", *number};
}

}  // namespace

std::expected<ServerLine, std::string> parse_server_line(std::string_view text) {
  ServerLine line{.text = std::string(text), .addresses = {}, .role = PeerRole::participant, .client = {}};
  auto halves = split(text, ';');
  if (halves.size() == 2 && halves[1].empty()) halves.pop_back();  // as in Java, an empty end is dropped
  if (halves.size() > 2) return Failed(std::string(kForm));
  if (halves.size() == 2) {
    const auto client = client_port(halves[1]);
    if (!client) return Failed(client.error());
    line.client = *client;
  }
  std::optional<PeerRole> said;
  for (const auto part : split(halves[0], '|')) {
    const auto found = peer(part);
    if (!found) return Failed(found.error());
    line.addresses.push_back(found->address);
    if (said && found->role && *said != *found->role) return Failed("gives its addresses different roles");
    if (found->role) said = found->role;
  }
  line.role = said.value_or(PeerRole::participant);
  return line;
}

}  // namespace quoll::config
