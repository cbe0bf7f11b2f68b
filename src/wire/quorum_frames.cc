#include "wire/quorum_frames.h"

#include "wire/jute.h"

namespace quoll::wire {

namespace {

constexpr std::int32_t kTypeMax = static_cast<std::int32_t>(QuorumPacketType::inform_and_activate);

constexpr std::size_t kTouchBytes = 12;

template <typename Record>
std::optional<Record> decoded(std::string_view data) {
  Record record;
  Reader reader(data, static_cast<std::int64_t>(data.size()));
  reader.get(record);
  return reader.ok() ? std::optional(record) : std::nullopt;
}

template <typename Record>
std::string encoded(const Record& record) {
  std::string out;
  Writer(out).put(record);
  return out;
}

// Walks over lengths that may not be all there.
class Walk {
 public:
  explicit Walk(std::string_view bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t at() const { return at_; }
  // nullopt: more bytes are needed.
  std::optional<std::int32_t> number() {
    if (bytes_.size() - at_ < 4) return std::nullopt;
    std::int32_t value = 0;
    std::memcpy(&value, bytes_.data() + at_, 4);
    at_ += 4;
    return byteswap_be(value);
  }
  bool skip(std::size_t count) {
    if (bytes_.size() - at_ < count) return false;
    at_ += count;
    return true;
  }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

// Passes over the identities. True: they are all there.
std::expected<bool, QuorumError> pass_identities(Walk& walk, std::size_t bytes_max) {
  const auto count = walk.number();
  if (!count) return false;
  if (*count < -1 || *count > static_cast<std::int64_t>(bytes_max / 8)) return std::unexpected(QuorumError::length);
  std::size_t bytes = 0;
  for (std::int32_t i = 0; i < 2 * *count; ++i) {
    const auto length = walk.number();
    if (!length) return false;
    if (*length < -1 || *length > static_cast<std::int64_t>(bytes_max)) return std::unexpected(QuorumError::length);
    const std::size_t size = *length == -1 ? 0 : static_cast<std::size_t>(*length);
    bytes += 4 + size;
    if (bytes > bytes_max) return std::unexpected(QuorumError::length);
    if (!walk.skip(size)) return false;
  }
  return true;
}

}  // namespace

std::expected<std::optional<ReadPacket>, QuorumError> read_quorum_packet(std::string_view bytes,
                                                                         const QuorumLimits& limits) {
  Walk walk(bytes);
  const auto type = walk.number();
  if (!type) return std::nullopt;
  // -1 is Apache's SNAPPING, which no server sends today.
  if (*type < 1 || *type > kTypeMax) return std::unexpected(QuorumError::type);
  if (!walk.skip(8)) return std::nullopt;
  const auto length = walk.number();
  if (!length) return std::nullopt;
  if (*length < -1 || *length > limits.data_bytes_max) return std::unexpected(QuorumError::length);
  const bool has_data = walk.skip(*length == -1 ? 0 : static_cast<std::size_t>(*length));
  if (!has_data) return std::nullopt;
  const auto is_whole = pass_identities(walk, limits.auth_bytes_max);
  if (!is_whole) return std::unexpected(is_whole.error());
  if (!*is_whole) return std::nullopt;

  ReadPacket read;
  read.bytes = walk.at();
  Reader reader(bytes.substr(0, read.bytes), limits.data_bytes_max);
  reader.get(read.packet);
  // A null identity is the one thing that the walk lets through and the reader does not.
  if (!reader.ok()) return std::unexpected(QuorumError::length);
  return read;
}

void append_quorum_packet(const QuorumPacket& packet, std::string& out) {
  Writer(out).put(packet);
}

std::optional<LearnerInfoData> decode_learner_info(base::NullableView data) {
  LearnerInfoData info;
  Reader reader(data.view());
  if (data.size() != 8 && data.size() != 12 && data.size() != 20) return std::nullopt;
  reader.get(info.server_id);
  if (data.size() >= 12) reader.get(info.protocol);
  if (data.size() >= 20) reader.get(info.configuration_version);
  return info;
}

std::string encode_learner_info(const LearnerInfoData& info) {
  std::string out;
  Writer writer(out);
  writer.put(info.server_id);
  writer.put(info.protocol);
  writer.put(info.configuration_version);
  return out;
}

std::optional<ForwardedRequest> decode_forwarded_request(base::NullableView data) {
  ForwardedRequest request;
  Reader reader(data.view());
  reader.get(request.session);
  reader.get(request.cxid);
  reader.get(request.type);
  if (!reader.ok()) return std::nullopt;
  request.body = reader.rest();
  return request;
}

std::string encode_forwarded_request(const ForwardedRequest& request) {
  std::string out;
  Writer writer(out);
  writer.put(request.session);
  writer.put(request.cxid);
  writer.put(request.type);
  out.append(request.body);
  return out;
}

std::optional<SessionTouch> decode_session_touch(std::string_view data) {
  return decoded<SessionTouch>(data);
}

std::optional<RevalidateReply> decode_revalidate_reply(std::string_view data) {
  return decoded<RevalidateReply>(data);
}

std::string encode_session_touch(const SessionTouch& touch) {
  return encoded(touch);
}

std::string encode_revalidate_reply(const RevalidateReply& reply) {
  return encoded(reply);
}

std::vector<SessionTouch> decode_session_touches(std::string_view data) {
  std::vector<SessionTouch> touches;
  for (; data.size() >= kTouchBytes; data.remove_prefix(kTouchBytes))
    touches.push_back(*decode_session_touch(data.substr(0, kTouchBytes)));
  return touches;
}

std::string encode_session_touches(const std::vector<SessionTouch>& touches) {
  std::string out;
  Writer writer(out);
  for (const SessionTouch& touch : touches) writer.put(touch);
  return out;
}

}  // namespace quoll::wire
