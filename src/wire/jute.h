// Jute, ZooKeeper's binary encoding: big-endian numbers, length-prefixed strings and buffers (-1 is null), counted
// vectors. A record is the sequence of its fields. Types that list their fields are encoded and decoded from that list.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/narrow.h"
#include "base/nullable.h"

namespace quoll::wire {

template <typename T>
concept Record = requires { T::fields(); };

template <typename T>
T byteswap_be(T value) {
  if constexpr (std::endian::native == std::endian::little) {
    if constexpr (sizeof(T) == 4) return static_cast<T>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
    if constexpr (sizeof(T) == 8) return static_cast<T>(__builtin_bswap64(static_cast<std::uint64_t>(value)));
  }
  return value;
}

template <typename T>
concept Number = std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>;

// Whether a record has fields and all of them are numbers, so that its size is known.
template <Record T>
constexpr bool has_only_numbers() {
  return std::apply(
      [](auto... field) {
        return sizeof...(field) > 0 && (... && Number<std::remove_cvref_t<decltype(std::declval<T>().*field)>>);
      },
      T::fields());
}

// Appends to a string owned by the caller.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void put(std::int32_t value) { put_raw(value); }
  void put(std::int64_t value) { put_raw(value); }
  void put(bool value) { out_.push_back(value ? 1 : 0); }
  void put(std::string_view bytes) {
    put(base::narrow32(bytes.size()));
    out_.append(bytes);
  }
  void put(const std::string& bytes) { put(std::string_view(bytes)); }
  void put(base::NullableView bytes) {
    if (bytes.is_null()) {
      put(std::int32_t{-1});
    } else {
      put(bytes.view());
    }
  }
  // Reserves the space once, because a list may hold a million names.
  void put(const std::vector<std::string_view>& names) {
    std::size_t bytes = 4 + 4 * names.size();
    for (const std::string_view name : names) bytes += name.size();
    const std::size_t begin = out_.size();
    out_.resize_and_overwrite(begin + bytes, [&](char* text, std::size_t) {
      char* at = text + begin;
      const auto put_length = [&](std::size_t length) {
        const auto swapped = byteswap_be(base::narrow32(length));
        std::memcpy(at, &swapped, 4);
        at += 4;
      };
      put_length(names.size());
      for (std::size_t i = 0; i < names.size(); ++i) {
        // The names are scattered in memory. Without prefetching most of the time would be spent on cache misses.
        if (i + kNamesAhead < names.size()) __builtin_prefetch(names[i + kNamesAhead].data());
        put_length(names[i].size());
        at = std::copy(names[i].begin(), names[i].end(), at);
      }
      // Not the lambda's second argument: the library may pass the full capacity there.
      return begin + bytes;
    });
  }
  template <typename T>
  void put(const std::vector<T>& items) {
    put(base::narrow32(items.size()));
    for (const auto& item : items) put(item);
  }
  template <typename T>
  void put(const std::optional<std::vector<T>>& items) {
    if (items) {
      put(*items);
    } else {
      put(std::int32_t{-1});
    }
  }
  template <Record T>
  void put(const T& record) {
    if constexpr (has_only_numbers<T>()) {
      put_numbers(record);
    } else {
      std::apply([&](auto... field) { (put(record.*field), ...); }, T::fields());
    }
  }

  [[nodiscard]] std::string& out() { return out_; }
  // Overwrites four bytes written before. For lengths that are known only afterwards.
  void patch(std::size_t at, std::int32_t value) {
    value = byteswap_be(value);
    std::memcpy(out_.data() + at, &value, sizeof value);
  }

 private:
  static constexpr std::size_t kNamesAhead = 16;

  template <typename T>
  void put_raw(T value) {
    value = byteswap_be(value);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  // All fields in one piece: to append costs several times as much as to encode a number.
  template <Record T>
  void put_numbers(const T& record) {
    std::apply(
        [&](auto... field) {
          std::array<char, (... + sizeof(record.*field))> bytes;
          char* at = bytes.data();
          const auto encode = [&at](auto value) {
            value = byteswap_be(value);
            std::memcpy(at, &value, sizeof value);
            at += sizeof value;
          };
          (encode(record.*field), ...);
          out_.append(bytes.data(), bytes.size());
        },
        T::fields());
  }

  std::string& out_;
};

// The longest string or buffer that a reader accepts: jute.maxbuffer plus its extra size
// (org.apache.jute.BinaryInputArchive).
inline constexpr std::int64_t kJuteMaxBuffer = 0xfffff;
inline constexpr std::int64_t kBufferBytesMax = 2 * kJuteMaxBuffer;

// Reads from a view. Every read is checked. After the first failure all further reads return zeros and nulls, so it is
// enough to check ok() at the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes, std::int64_t buffer_bytes_max = kBufferBytesMax)
      : bytes_(bytes), buffer_bytes_max_(buffer_bytes_max) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - at_; }
  [[nodiscard]] std::string_view rest() const { return bytes_.substr(at_); }
  void fail() { ok_ = false; }

  void get(std::int32_t& value) { get_raw(value); }
  void get(std::int64_t& value) { get_raw(value); }
  void get(bool& value) {
    // Java reads every non-zero byte as true.
    value = false;
    if (!need(1)) return;
    value = bytes_[at_++] != 0;
  }
  void get(base::NullableView& value) {
    value = {};
    std::int32_t length = 0;
    get(length);
    if (!ok_ || length == -1) return;
    if (length < 0 || length > buffer_bytes_max_ || !need(static_cast<std::size_t>(length))) {
      ok_ = false;
      return;
    }
    value = bytes_.substr(at_, static_cast<std::size_t>(length));
    at_ += static_cast<std::size_t>(length);
  }
  // For fields that cannot be null: null is a failure.
  void get(std::string& value) {
    base::NullableView view;
    get(view);
    if (view.is_null()) ok_ = false;
    value = view.str();
  }
  void get(std::string_view& value) {
    base::NullableView view;
    get(view);
    if (view.is_null()) ok_ = false;
    value = view.view();
  }
  template <typename T>
  void get(std::optional<std::vector<T>>& items) {
    items.reset();
    std::int32_t count = 0;
    get(count);
    if (!ok_ || count == -1) return;
    // An item takes at least one byte, so a count greater than the remaining bytes is false; nothing is reserved for
    // it. Negative counts except -1 are empty vectors, as in Java's reader.
    if (count > 0 && static_cast<std::size_t>(count) > remaining()) {
      ok_ = false;
      return;
    }
    items.emplace();
    for (std::int32_t i = 0; i < count && ok_; ++i) get(items->emplace_back());
  }
  template <typename T>
  void get(std::vector<T>& items) {
    std::optional<std::vector<T>> read;
    get(read);
    if (read) {
      items = std::move(*read);
    } else {
      items.clear();
    }
  }
  template <Record T>
  void get(T& record) {
    std::apply([&](auto... field) { (get(record.*field), ...); }, T::fields());
  }

 private:
  bool need(std::size_t count) {
    if (!ok_ || remaining() < count) {
      ok_ = false;
      return false;
    }
    return true;
  }
  template <typename T>
  void get_raw(T& value) {
    value = 0;
    if (!need(sizeof value)) return;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    value = byteswap_be(value);
    at_ += sizeof value;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::int64_t buffer_bytes_max_;
  bool ok_ = true;
};

}  // namespace quoll::wire
