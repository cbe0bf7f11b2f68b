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

// Name for bytes that were cut off a log or a snapshot, or for a whole one that was taken out of the history:
// "log-1f.cut-20261129T215012Z", "snapshot-1f.gz.cut-20261129T215012Z". Apache's server takes a file for a log or a
// snapshot if the first part of its name is "log" or "snapshot" and the second is hexadecimal ("log.1.cut"), so it
// ignores these. `number` distinguishes several in the same second.
std::string cut_name(std::string_view name, std::int64_t wall_ms, int number);
// The zxid in the name of the log or the snapshot; nullopt if `name` is not such a name.
std::optional<Zxid> cut_log_zxid(std::string_view name);
std::optional<Zxid> cut_snapshot_zxid(std::string_view name);

// Prefix of files that a crash may leave incomplete. Apache's server ignores such names.
inline constexpr std::string_view kTemporaryPrefix = "quoll-tmp.";
inline constexpr std::string_view kLockName = "quoll.lock";
inline constexpr std::string_view kDurableName = "quoll.durable";
inline constexpr std::string_view kIntentName = "quoll.intent";
inline constexpr std::string_view kHistoryNoteName = "quoll.history";
inline constexpr std::string_view kSessionSecretName = "quoll.session-secret";
inline constexpr std::string_view kSessionIdsName = "quoll.session-ids";

}  // namespace quoll::store
