#include "server/bad_frame.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/utf8.h"

namespace quoll::server {

namespace {

constexpr std::size_t kShownBytes = 16;

// The protocol that the client seems to use instead, with advice; empty if unknown.
std::string_view other_protocol(std::string_view bytes) {
  static constexpr std::array<std::string_view, 9> kHttp = {"GET ", "POST", "PUT ", "HEAD", "OPTI",
                                                            "DELE", "PATC", "CONN", "PRI "};
  if (std::ranges::any_of(kHttp, [&](std::string_view verb) { return bytes.starts_with(verb); }))
    return "This is HTTP, which is not spoken on this port";
  if (bytes.starts_with("\x16\x03"))
    return "This is TLS: let the client use secureClientPort, or set client.portUnification=true";
  if (bytes.starts_with("SSH-")) return "This is SSH, which is not spoken on this port";
  return {};
}

}  // namespace

std::string bad_frame_line(const env::Address& peer, SessionId session, std::int32_t length, std::string_view bytes,
                           std::int64_t bytes_max) {
  const std::string_view other = other_protocol(bytes);
  return fmt::format(
      "Len error: closing the connection of {}:{} (session 0x{:x}), whose next frame has a length of {} bytes; "
      "jute.maxbuffer allows {}. {} It begins \"{}\"",
      peer.host, peer.port, static_cast<std::uint64_t>(session.value()), length, bytes_max,
      other.empty() ? "It is too long or malformed." : fmt::format("{}.", other),
      base::escaped(bytes.substr(0, kShownBytes)));
}

}  // namespace quoll::server
