// Names of the files in version-2: a kind and a zxid in hexadecimal (org.apache.zookeeper.server.persistence.Util).
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
// nullopt if `name` is not the name of a log ("log.", "log.1.bak", "log.zz", "quoll.lock").
std::optional<Zxid> log_zxid(std::string_view name);
std::optional<Zxid> snapshot_zxid(std::string_view name);

// Name for bytes that recovery has cut off a log, or for a whole log without content: "log-1f.cut-20261129T215012Z". It
// differs from what Apache's server accepts as a log: a name whose first part is "log" and whose second part is
// hexadecimal ("log.1.cut"). `number` distinguishes several in the same second.
std::string cut_name(Zxid log, std::int64_t wall_ms, int number);
// The zxid of the log; nullopt if `name` is not such a name.
std::optional<Zxid> cut_log_zxid(std::string_view name);

// Prefix of files that a crash may leave incomplete. Apache's server ignores such names.
inline constexpr std::string_view kTemporaryPrefix = "quoll-tmp.";
inline constexpr std::string_view kLockName = "quoll.lock";
inline constexpr std::string_view kDurableName = "quoll.durable";
inline constexpr std::string_view kSessionSecretName = "quoll.session-secret";

}  // namespace quoll::store
