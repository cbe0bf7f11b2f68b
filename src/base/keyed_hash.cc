#include "base/keyed_hash.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace quoll::base {

namespace {

class SipHash {
 public:
  explicit SipHash(const HashKey& key)
      : v0_(key.first ^ 0x736f6d6570736575),
        v1_(key.second ^ 0x646f72616e646f6d),
        v2_(key.first ^ 0x6c7967656e657261),
        v3_(key.second ^ 0x7465646279746573) {}

  // Processes complete words up to byte `end`, continuing where the last call stopped.
  void take_words(std::string_view bytes, std::size_t end) {
    for (; taken_ + 8 <= end; taken_ += 8) add(load(bytes.data() + taken_, 8));
  }

  // The hash of bytes[0, end), whose complete words have been processed.
  [[nodiscard]] std::uint64_t finish(std::string_view bytes, std::size_t end) const {
    SipHash last = *this;
    last.add(load(bytes.data() + taken_, end - taken_) | (static_cast<std::uint64_t>(end) << 56));
    last.v2_ ^= 0xff;
    for (int i = 0; i < 3; ++i) last.round();
    return last.v0_ ^ last.v1_ ^ last.v2_ ^ last.v3_;
  }

 private:
  static std::uint64_t load(const char* bytes, std::size_t count) {
    std::uint64_t word = 0;
    if (count > 0) std::memcpy(&word, bytes, count);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
  }

  void add(std::uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }

  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
  std::size_t taken_ = 0;
};

}  // namespace

std::uint64_t keyed_hash(const HashKey& key, std::string_view bytes) {
  SipHash hash(key);
  hash.take_words(bytes, bytes.size());
  return hash.finish(bytes, bytes.size());
}

std::vector<Hashed> hashed_ancestors(const HashKey& key, std::string_view path) {
  std::vector<Hashed> ancestors;
  SipHash hash(key);
  for (std::size_t slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
    hash.take_words(path, slash);
    ancestors.push_back({path.substr(0, slash), hash.finish(path, slash)});
  }
  std::reverse(ancestors.begin(), ancestors.end());
  return ancestors;
}

}  // namespace quoll::base
