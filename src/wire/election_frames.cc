#include "wire/election_frames.h"

#include "wire/jute.h"

namespace quoll::wire {

namespace {

constexpr std::int64_t kHelloV1 = -65536;
constexpr std::int64_t kHelloV2 = -65535;
constexpr std::int32_t kHelloBytesMax = 2048;          // QuorumCnxManager.maxBuffer
constexpr std::int32_t kMessageBytesMax = 512 * 1024;  // QuorumCnxManager.PACKETMAXSIZE
constexpr std::size_t kOldestBytes = 28;               // without the candidate's epoch
constexpr std::size_t kBytesBefore346 = 40;            // the last four bytes say nothing
constexpr std::int32_t kVersionWithConfiguration = 2;

std::optional<ElectionMessage> decode(std::string_view payload) {
  if (payload.size() < kOldestBytes) return std::nullopt;
  ElectionMessage message;
  Reader reader(payload, kMessageBytesMax);
  reader.get(message.state);
  reader.get(message.leader);
  reader.get(message.zxid);
  reader.get(message.round);
  if (payload.size() == kOldestBytes) {
    message.epoch = message.zxid >> 32;
    return message;
  }
  reader.get(message.epoch);
  if (payload.size() != kBytesBefore346) reader.get(message.version);
  if (message.version >= kVersionWithConfiguration) reader.get(message.configuration);
  return reader.ok() ? std::optional(std::move(message)) : std::nullopt;
}

}  // namespace

std::expected<std::optional<ReadHello>, ElectionError> read_election_hello(std::string_view bytes) {
  if (bytes.size() < 8) return std::nullopt;
  Reader reader(bytes);
  std::int64_t first = 0;
  reader.get(first);
  if (first >= 0) return ReadHello{ElectionHello{first, {}}, 8};
  if (first != kHelloV1 && first != kHelloV2) return std::unexpected(ElectionError::version);
  if (bytes.size() < 20) return std::nullopt;
  ReadHello read;
  std::int32_t length = 0;
  reader.get(read.hello.server_id);
  reader.get(length);
  if (length <= 0 || length > kHelloBytesMax) return std::unexpected(ElectionError::length);
  if (reader.remaining() < static_cast<std::size_t>(length)) return std::nullopt;
  read.hello.addresses = reader.rest().substr(0, static_cast<std::size_t>(length));
  read.bytes = 20 + static_cast<std::size_t>(length);
  return read;
}

void append_election_hello(const ElectionHello& hello, std::string& out) {
  Writer writer(out);
  writer.put(kHelloV1);
  writer.put(hello.server_id);
  writer.put(std::string_view(hello.addresses));
}

std::expected<std::optional<ReadMessage>, ElectionError> read_election_message(std::string_view bytes) {
  if (bytes.size() < 4) return std::nullopt;
  Reader reader(bytes);
  std::int32_t length = 0;
  reader.get(length);
  if (length <= 0 || length > kMessageBytesMax) return std::unexpected(ElectionError::length);
  if (reader.remaining() < static_cast<std::size_t>(length)) return std::nullopt;
  const std::string_view payload = reader.rest().substr(0, static_cast<std::size_t>(length));
  return ReadMessage{decode(payload), 4 + payload.size()};
}

void append_election_message(const ElectionMessage& message, std::string& out) {
  std::string payload;
  Writer writer(payload);
  writer.put(message.state);
  writer.put(message.leader);
  writer.put(message.zxid);
  writer.put(message.round);
  writer.put(message.epoch);
  writer.put(message.version);
  if (message.version >= kVersionWithConfiguration) writer.put(std::string_view(message.configuration));
  Writer(out).put(std::string_view(payload));
}

}  // namespace quoll::wire
