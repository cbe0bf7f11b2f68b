// Names of the files in version-2: a kind, and a zxid in hexadecimal (org.apache.zookeeper.server.persistence.Util).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "types/ids.h"

namespace quoll::store {

inline constexpr std::string_view kVersionDirectory = "version-2";

// A zxid as file names and messages print it, with {:x}.
inline std::uint64_t hex(Zxid zxid) {
  return static_cast<std::uint64_t>(zxid.value());
}

std::string log_name(Zxid zxid);  // "log.1f"
// `suffix` is "", ".gz" or ".snappy".
std::string snapshot_name(Zxid zxid, std::string_view suffix);
// nullopt: not such a name ("log.", "log.1.bak", "log.zz", "quoll.lock").
std::optional<Zxid> log_zxid(std::string_view name);
std::optional<Zxid> snapshot_zxid(std::string_view name);

// What recovery has taken off the end of a log, or a whole log that held nothing: "log-1f.cut-20261129T215012Z".
// Apache's server takes any name for a log whose first part is "log" and whose second is hexadecimal ("log.1.cut"), so
// this one has neither. `number` tells several of one second apart.
std::string cut_name(Zxid log, std::int64_t wall_ms, int number);
// The log's zxid; nullopt: not such a name.
std::optional<Zxid> cut_log_zxid(std::string_view name);

// What a crash may leave half written; Apache's server doesn't look at it.
inline constexpr std::string_view kTemporaryPrefix = "quoll-tmp.";
inline constexpr std::string_view kLockName = "quoll.lock";
inline constexpr std::string_view kDurableName = "quoll.durable";
inline constexpr std::string_view kSessionSecretName = "quoll.session-secret";

}  // namespace quoll::store
