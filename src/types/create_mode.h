// The kinds of znodes that can be created, and their encoding in ephemeralOwner.
#pragma once

#include <cstdint>
#include <optional>

namespace quoll {

struct CreateMode {
  bool ephemeral = false;
  bool sequential = false;
  bool container = false;
  bool ttl = false;

  // nullopt if ZooKeeper does not know the flags (org.apache.zookeeper.CreateMode).
  static constexpr std::optional<CreateMode> from_flags(std::int32_t flags) {
    switch (flags) {
      case 0:
        return CreateMode{};
      case 1:
        return CreateMode{.ephemeral = true};
      case 2:
        return CreateMode{.sequential = true};
      case 3:
        return CreateMode{.ephemeral = true, .sequential = true};
      case 4:
        return CreateMode{.container = true};
      case 5:
        return CreateMode{.ttl = true};
      case 6:
        return CreateMode{.sequential = true, .ttl = true};
      default:
        return std::nullopt;
    }
  }
};

// The kinds of owners encoded in the 64 bits of ephemeralOwner (org.apache.zookeeper.server.EphemeralType).
enum class OwnerKind { none, session, container, ttl };

inline constexpr std::int64_t kContainerOwner = INT64_MIN;
inline constexpr std::int64_t kTtlMsMax = 0xff'ffff'ffff;  // 40 bits of milliseconds

// extended: zookeeper.extendedTypesEnabled; emulate_353: zookeeper.emulate353TTLNodes.
struct OwnerRules {
  bool extended = false;
  bool emulate_353 = false;
};

constexpr OwnerKind owner_kind(std::int64_t owner, OwnerRules rules) {
  if (owner == 0) return OwnerKind::none;
  if (owner == kContainerOwner) return OwnerKind::container;
  if (rules.extended) {
    if (rules.emulate_353 && owner < 0) return OwnerKind::ttl;
    const auto bits = static_cast<std::uint64_t>(owner);
    // The top byte 0xff marks an extended type. The two bytes below it are the type: 0 is TTL.
    if ((bits >> 56) == 0xff && ((bits >> 40) & 0xffff) == 0) return OwnerKind::ttl;
  }
  return OwnerKind::session;
}

constexpr std::int64_t ttl_owner(std::int64_t ttl_ms) {
  return static_cast<std::int64_t>(0xff00'0000'0000'0000ULL | static_cast<std::uint64_t>(ttl_ms));
}

constexpr std::int64_t ttl_ms(std::int64_t owner, OwnerRules rules) {
  if (rules.emulate_353 && (static_cast<std::uint64_t>(owner) >> 56) != 0xff) return owner & INT64_MAX;
  return owner & kTtlMsMax;
}

}  // namespace quoll
