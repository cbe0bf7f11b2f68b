// The identities of a connection, in the order in which they were authenticated, without duplicates, with hashes for
// connections that have many.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/keyed_hash.h"
#include "types/acl.h"

namespace quoll::auth {

struct IdView {
  std::string_view scheme;
  std::string_view id;
};

// A view of an identity with its precomputed hash.
struct HashedId {
  IdView view;
  std::size_t hash = 0;
};

// Hashes only the id, because there are only a handful of schemes.
class IdHash {
 public:
  using is_transparent = void;
  using is_avalanching = void;
  explicit IdHash(const base::HashKey& key) : key_(key) {}
  std::size_t operator()(const IdView& view) const { return base::keyed_hash(key_, view.id); }
  std::size_t operator()(const Id* id) const { return base::keyed_hash(key_, id->id); }
  std::size_t operator()(const HashedId& id) const { return id.hash; }

 private:
  base::HashKey key_;
};

struct IdEqual {
  using is_transparent = void;
  bool operator()(const Id* a, const Id* b) const { return *a == *b; }
  bool operator()(const IdView& a, const Id* b) const { return a.id == b->id && a.scheme == b->scheme; }
  bool operator()(const Id* a, const IdView& b) const { return (*this)(b, a); }
  bool operator()(const HashedId& a, const Id* b) const { return (*this)(a.view, b); }
  bool operator()(const Id* a, const HashedId& b) const { return (*this)(b.view, a); }
};

class Identities {
 public:
  Identities() = default;
  Identities(std::initializer_list<Id> ids) : Identities(ids.begin(), ids.end()) {}
  template <std::input_iterator Iterator>
  Identities(Iterator first, Iterator last) {
    for (; first != last; ++first) push_back(*first);
  }
  Identities(const Identities& other);
  Identities& operator=(const Identities& other);
  Identities(Identities&&) = default;
  Identities& operator=(Identities&&) = default;
  ~Identities() = default;

  void push_back(Id id);
  friend bool operator==(const Identities& a, const Identities& b) { return a.list_ == b.list_; }

  [[nodiscard]] auto begin() const { return list_.begin(); }
  [[nodiscard]] auto end() const { return list_.end(); }
  [[nodiscard]] std::size_t size() const { return list_.size(); }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] const Id& front() const { return list_.front(); }
  [[nodiscard]] const Id& operator[](std::size_t at) const { return list_[at]; }
  // The total length of all schemes and ids.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // True if one of them has the scheme "super".
  [[nodiscard]] bool has_super() const { return has_super_; }
  // Lookups by hash. The tables are built at the first lookup after a change.
  [[nodiscard]] bool contains(const IdView& id, const base::HashKey& key) const;
  // The identity at an index, with its hash, for lookups elsewhere.
  [[nodiscard]] HashedId hashed(std::size_t at, const base::HashKey& key) const;

  // What a list grants to all of these identities, if it has been remembered since the last change of either. A list is
  // identified by its address and its hash, because another list may be allocated at the same address. At most
  // kListsMax are remembered.
  [[nodiscard]] std::optional<std::int32_t> remembered(const void* list, std::uint64_t hash) const;
  void remember(const void* list, std::uint64_t hash, std::int32_t perms) const;

 private:
  static constexpr std::size_t kListsMax = 1024;
  struct Granted {
    std::uint64_t hash = 0;
    std::int32_t perms = 0;
  };
  struct Index {
    Index(std::size_t count, const IdHash& hash) : ids(count, hash, IdEqual()) { hashes.reserve(count); }
    boost::unordered_flat_set<const Id*, IdHash, IdEqual> ids;
    std::vector<std::size_t> hashes;
    boost::unordered_flat_map<const void*, Granted> granted;
  };
  [[nodiscard]] const Index& index(const base::HashKey& key) const;

  std::vector<Id> list_;
  std::size_t bytes_ = 0;
  bool has_super_ = false;
  mutable std::unique_ptr<Index> index_;  // points into list_
};

}  // namespace quoll::auth
