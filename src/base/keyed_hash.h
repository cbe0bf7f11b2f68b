// The hash function for tables whose keys clients choose: SipHash-1-3 (Aumasson and Bernstein, 2012), as in Rust's and
// Python's tables. It resists hash flooding: without knowing the key, nobody can choose keys that collide more often
// than by chance, not even by measuring how long requests take. It is not a signature, and hashes never leave the
// process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace quoll::base {

// Generated when a server starts. Zero is a valid key, but only tests use it.
struct HashKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

[[nodiscard]] std::uint64_t keyed_hash(const HashKey& key, std::string_view bytes);

// A text with its hash, for lookups in several tables with the same key.
struct Hashed {
  std::string_view text;
  std::uint64_t hash = 0;
};

// For hash tables of strings with lookup by view. Copies have the same key.
class KeyedHash {
 public:
  using is_transparent = void;
  // Tells boost::unordered that the hash needs no further mixing.
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

// The ancestors of `path` except the root, longest first, each with its hash. One pass over the bytes: a path of ten
// thousand levels must not be hashed ten thousand times.
[[nodiscard]] std::vector<Hashed> hashed_ancestors(const HashKey& key, std::string_view path);

}  // namespace quoll::base
