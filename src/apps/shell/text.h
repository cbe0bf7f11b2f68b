// How the shell writes what it has read: znodes' metadata, ACLs, bytes, events and errors, in zkCli's form.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/operations.h"
#include "client/result.h"
#include "client/watcher.h"
#include "types/acl.h"
#include "types/stat.h"

namespace quoll::apps::shell {

// Eleven lines (org.apache.zookeeper.cli.StatPrinter).
std::string stat_text(const Stat& stat);
// "Mon Nov 30 09:14:15 UTC 2026", in the local time zone, as java.util.Date prints it.
std::string date_text(std::int64_t wall_ms);
// "cdrwa".
std::string perms_text(std::int32_t perms);
// 16 bytes a line, in a frame (Netty's ByteBufUtil.prettyHexDump). Without the last line's end.
std::string hex_dump(std::string_view bytes);
std::expected<std::string, std::string> from_base64(std::string_view text);

// "scheme:id:perms,scheme:id:perms"; what is wrong in it goes to `complaints` and is left out
// (org.apache.zookeeper.cli.AclParser).
AclList parse_acl(std::string_view text, std::vector<std::string>& complaints);
// The same text again.
std::string acl_text(const AclList& acl);

// org.apache.zookeeper.KeeperException: "KeeperErrorCode = ConnectionLoss for /a".
std::string keeper_text(Error code, std::string_view path);
// What zkCli says about a failed call (org.apache.zookeeper.cli.CliWrapperException); where it says only a code that
// leaves open what to do, more follows on a second line.
std::string failure_text(const client::Failure& failure, std::string_view path);

// "WatchedEvent state:SyncConnected type:NodeCreated path:/a zxid: 5".
std::string event_text(const client::WatchEvent& event);
std::string event_text(client::State state);
// For the prompt: "CONNECTED" (org.apache.zookeeper.ZooKeeper.States).
std::string_view state_text(client::State state);
std::string_view type_text(client::EventType type);

}  // namespace quoll::apps::shell
