// The few client-protocol messages that a load generator needs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace zkload {

enum OpCode : std::int32_t {
  kCreate = 1,
  kExists = 3,
  kGetData = 4,
  kSetData = 5,
  kGetChildren = 8,
  kPing = 11,
  kMulti = 14,
  kCloseSession = -11
};

constexpr std::int32_t kPingXid = -2;

constexpr std::int32_t kPersistent = 0;
constexpr std::int32_t kEphemeral = 1;

constexpr std::int32_t kOk = 0;
constexpr std::int32_t kNodeExists = -110;
constexpr std::int32_t kNoNode = -101;

template <typename Int>
Int load_big_endian(const char* at) {
  Int value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (sizeof value == 4) {
    return static_cast<Int>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
  } else {
    return static_cast<Int>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  }
}

// Appends one length-prefixed frame to a buffer; the destructor fills in the length.
class Frame {
 public:
  explicit Frame(std::string& out) : out_(out), start_(out.size()) { out_.append(4, '\0'); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() {
    const auto length = __builtin_bswap32(static_cast<std::uint32_t>(out_.size() - start_ - 4));
    std::memcpy(out_.data() + start_, &length, 4);
  }

  Frame& int32(std::int32_t value) {
    const auto swapped = __builtin_bswap32(static_cast<std::uint32_t>(value));
    out_.append(reinterpret_cast<const char*>(&swapped), 4);
    return *this;
  }
  Frame& int64(std::int64_t value) {
    const auto swapped = __builtin_bswap64(static_cast<std::uint64_t>(value));
    out_.append(reinterpret_cast<const char*>(&swapped), 8);
    return *this;
  }
  Frame& boolean(bool value) {
    out_.push_back(value ? 1 : 0);
    return *this;
  }
  Frame& bytes(std::string_view value) {
    int32(static_cast<std::int32_t>(value.size()));
    out_.append(value);
    return *this;
  }

 private:
  std::string& out_;
  std::size_t start_;
};

inline void encode_connect(std::string& out, std::int32_t timeout_ms) {
  const std::string no_password(16, '\0');
  Frame(out).int32(0).int64(0).int32(timeout_ms).int64(0).bytes(no_password).boolean(false);
}

inline void encode_read(std::string& out, std::int32_t xid, OpCode op, std::string_view path, bool watch = false) {
  Frame(out).int32(xid).int32(op).bytes(path).boolean(watch);
}

inline void encode_set(std::string& out, std::int32_t xid, std::string_view path, std::string_view data) {
  Frame(out).int32(xid).int32(kSetData).bytes(path).bytes(data).int32(-1);
}

inline void encode_create_body(Frame& frame, std::string_view path, std::string_view data, std::int32_t flags) {
  constexpr std::int32_t all_permissions = 31;
  frame.bytes(path).bytes(data).int32(1).int32(all_permissions).bytes("world").bytes("anyone").int32(flags);
}

inline void encode_create(std::string& out, std::int32_t xid, std::string_view path, std::string_view data,
                          std::int32_t flags = kPersistent) {
  Frame frame(out);
  frame.int32(xid).int32(kCreate);
  encode_create_body(frame, path, data, flags);
}

// A multi that creates prefix + number for each number from `first` to `end` (exclusive).
inline void encode_creates(std::string& out, std::int32_t xid, const std::string& prefix, std::uint64_t first,
                           std::uint64_t end, std::int32_t flags) {
  Frame frame(out);
  frame.int32(xid).int32(kMulti);
  for (std::uint64_t i = first; i < end; ++i) {
    frame.int32(kCreate).boolean(false).int32(-1);
    encode_create_body(frame, prefix + std::to_string(i), "", flags);
  }
  frame.int32(-1).boolean(true).int32(-1);
}

inline void encode_header_only(std::string& out, std::int32_t xid, OpCode op) {
  Frame(out).int32(xid).int32(op);
}

struct Reply {
  std::int32_t xid;
  std::int32_t err;
  std::string_view body;
};

constexpr std::size_t kReplyHeaderBytes = 16;

// `frame` is the payload after the length; it must have at least kReplyHeaderBytes.
inline Reply decode_reply(std::string_view frame) {
  return {load_big_endian<std::int32_t>(frame.data()), load_big_endian<std::int32_t>(frame.data() + 12),
          frame.substr(kReplyHeaderBytes)};
}

}  // namespace zkload
