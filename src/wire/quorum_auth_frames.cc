#include "wire/quorum_auth_frames.h"

#include <algorithm>

#include "wire/jute.h"

namespace quoll::wire {

namespace {

constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kHeaderBytes = kMagicBytes + 4 + 4;  // with the status and the length of the token

bool begins_as_magic(std::string_view bytes) {
  std::string magic;
  Writer(magic).put(kQuorumAuthMagic);
  const std::size_t known = std::min(bytes.size(), magic.size());
  return bytes.substr(0, known) == std::string_view(magic).substr(0, known);
}

}  // namespace

std::expected<std::optional<ReadQuorumAuth>, QuorumAuthError> read_quorum_auth(std::string_view bytes) {
  if (!begins_as_magic(bytes)) return std::unexpected(QuorumAuthError::magic);
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  ReadQuorumAuth read;
  std::int32_t length = 0;
  Reader reader(bytes.substr(kMagicBytes));
  reader.get(read.packet.status);
  reader.get(length);
  if (length < -1 || length > static_cast<std::int32_t>(kQuorumAuthTokenBytesMax))
    return std::unexpected(QuorumAuthError::length);
  const std::size_t size = length == -1 ? 0 : static_cast<std::size_t>(length);
  if (bytes.size() - kHeaderBytes < size) return std::nullopt;
  if (length != -1) read.packet.token = base::NullableView(bytes.substr(kHeaderBytes, size));
  read.bytes = kHeaderBytes + size;
  return read;
}

void append_quorum_auth(const QuorumAuthPacket& packet, std::string& out) {
  Writer writer(out);
  writer.put(kQuorumAuthMagic);
  writer.put(packet.status);
  writer.put(packet.token);
}

}  // namespace quoll::wire
