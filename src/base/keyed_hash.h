// The hash of tables whose keys clients choose: SipHash-1-3 (Aumasson and Bernstein, 2012), as Rust's and Python's
// tables use it. It resists flooding: whoever does not know the key cannot make keys that collide more often than by
// chance, not even by measuring how long requests take. It is no signature and never leaves the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace quoll::base {

// Drawn at the start of a server. All zeros is a key like any other; only tests use it.
struct HashKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

[[nodiscard]] std::uint64_t keyed_hash(const HashKey& key, std::string_view bytes);

// A text with its hash, for lookups in tables that hash with the same key.
struct Hashed {
  std::string_view text;
  std::uint64_t hash = 0;
};

// For hash tables of strings that are looked up by views. Copies hold the same key.
class KeyedHash {
 public:
  using is_transparent = void;
  // boost::unordered: the bits need no further mixing.
  using is_avalanching = void;
  explicit KeyedHash(const HashKey& key) : key_(key) {}
  std::size_t operator()(std::string_view text) const { return keyed_hash(key_, text); }
  std::size_t operator()(const Hashed& hashed) const { return hashed.hash; }
  [[nodiscard]] const HashKey& key() const { return key_; }

 private:
  HashKey key_;
};

struct HashedEqual {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  bool operator()(const Hashed& a, std::string_view b) const { return a.text == b; }
  bool operator()(std::string_view a, const Hashed& b) const { return a == b.text; }
};

// The paths above `path`, the longest first, without the root, each with its hash. One pass over the bytes: a path of
// ten thousand levels must not be hashed ten thousand times.
[[nodiscard]] std::vector<Hashed> hashed_ancestors(const HashKey& key, std::string_view path);

}  // namespace quoll::base
