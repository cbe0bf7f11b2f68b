#include "apps/shell/text.h"

#include <array>
#include <ctime>
#include <fmt/format.h>

namespace quoll::apps::shell {

namespace {

std::string_view keeper_name(Error code) {
  switch (code) {
    case Error::ok:
      return "ok";
    case Error::api_error:
      return "APIError";
    case Error::invalid_acl:
      return "InvalidACL";
    case Error::not_empty:
      return "Directory not empty";
    case Error::session_expired:
      return "Session expired";
    case Error::invalid_callback:
      return "Invalid callback";
    case Error::session_moved:
      return "Session moved";
    case Error::not_read_only:
      return "Not a read-only call";
    case Error::ephemeral_on_local_session:
      return "Ephemeral node on local session";
    case Error::no_watcher:
      return "No such watcher";
    case Error::reconfig_disabled:
      return "Reconfig is disabled";
    case Error::session_closed_require_sasl_auth:
      return "Session closed because client failed to authenticate";
    case Error::quota_exceeded:
      return "Quota has exceeded";
    case Error::throttled_op:
      return "Op throttled due to high load";
    default:
      return name(code);
  }
}

std::string_view keeper_state(client::State state) {
  switch (state) {
    case client::State::connecting:
      return "Disconnected";
    case client::State::connected:
      return "SyncConnected";
    case client::State::connected_read_only:
      return "ConnectedReadOnly";
    case client::State::closed:
      return "Closed";
    case client::State::expired:
      return "Expired";
    case client::State::auth_failed:
      return "AuthFailed";
  }
  return "";
}

constexpr std::array kPerms{std::pair{'c', perm::kCreate}, std::pair{'d', perm::kDelete}, std::pair{'r', perm::kRead},
                            std::pair{'w', perm::kWrite}, std::pair{'a', perm::kAdmin}};

std::int32_t parse_perms(std::string_view text, std::vector<std::string>& complaints) {
  std::int32_t perms = 0;
  for (const char c : text) {
    bool known = false;
    for (const auto& [letter, bit] : kPerms) {
      if (letter != c) continue;
      perms |= bit;
      known = true;
    }
    if (!known) complaints.push_back(fmt::format("Unknown perm type: {}", c));
  }
  return perms;
}

std::string hex_line(std::string_view bytes, std::size_t offset) {
  constexpr std::size_t kWidth = 16;
  std::string hex;
  std::string characters;
  for (std::size_t i = 0; i < kWidth; ++i) {
    if (i >= bytes.size()) {
      hex += "   ";
      characters += ' ';
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex += fmt::format(" {:02x}", byte);
    characters += byte <= 0x1f || byte >= 0x7f ? '.' : static_cast<char>(byte);
  }
  return fmt::format("\n|{:08x}|{} |{}|", offset, hex, characters);
}

}  // namespace

std::string date_text(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms >= 0 ? wall_ms / 1000 : (wall_ms - 999) / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 64> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%a %b %d %H:%M:%S %Z %Y", &local);
  return {text.data(), length};
}

std::string stat_text(const Stat& stat) {
  return fmt::format(
      "cZxid = 0x{:x}\nctime = {}\nmZxid = 0x{:x}\nmtime = {}\npZxid = 0x{:x}\ncversion = {}\ndataVersion = {}\n"
      "aclVersion = {}\nephemeralOwner = 0x{:x}\ndataLength = {}\nnumChildren = {}\n",
      static_cast<std::uint64_t>(stat.czxid), date_text(stat.ctime), static_cast<std::uint64_t>(stat.mzxid),
      date_text(stat.mtime), static_cast<std::uint64_t>(stat.pzxid), stat.cversion, stat.version, stat.aversion,
      static_cast<std::uint64_t>(stat.ephemeral_owner), stat.data_length, stat.num_children);
}

std::string perms_text(std::int32_t perms) {
  std::string text;
  for (const auto& [letter, bit] : kPerms) {
    if ((perms & bit) != 0) text += letter;
  }
  return text;
}

std::string hex_dump(std::string_view bytes) {
  if (bytes.empty()) return {};
  constexpr std::size_t kWidth = 16;
  constexpr std::string_view kLine = "+--------+-------------------------------------------------+----------------+";
  std::string text =
      "         +-------------------------------------------------+\n"
      "         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |\n";
  text += kLine;
  for (std::size_t at = 0; at < bytes.size(); at += kWidth) text += hex_line(bytes.substr(at, kWidth), at);
  return fmt::format("{}\n{}", text, kLine);
}

std::expected<std::string, std::string> from_base64(std::string_view text) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t letters = text.size();
  while (letters > 0 && text.size() - letters < 2 && text[letters - 1] == '=') --letters;
  for (const char c : text.substr(0, letters)) {
    const auto value = kLetters.find(c);
    if (value == std::string_view::npos)
      return std::unexpected(fmt::format("Illegal base64 character {:x}", static_cast<unsigned char>(c)));
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xff);
  }
  if (letters % 4 == 1) return std::unexpected("the base64 text is cut short");
  return bytes;
}

AclList parse_acl(std::string_view text, std::vector<std::string>& complaints) {
  AclList acl;
  while (true) {
    const auto comma = text.find(',');
    const std::string_view one = text.substr(0, comma);
    const auto first = one.find(':');
    const auto last = one.rfind(':');
    if (first == std::string_view::npos || first == last) {
      complaints.push_back(fmt::format("{} does not have the form scheme:id:perm", one));
    } else {
      acl.push_back({parse_perms(one.substr(last + 1), complaints),
                     {std::string(one.substr(0, first)), std::string(one.substr(first + 1, last - first - 1))}});
    }
    if (comma == std::string_view::npos) return acl;
    text.remove_prefix(comma + 1);
  }
}

std::string acl_text(const AclList& acl) {
  std::string text;
  for (const Acl& each : acl)
    text += fmt::format("{}{}:{}:{}", text.empty() ? "" : ",", each.id.scheme, each.id.id, perms_text(each.perms));
  return text;
}

std::string keeper_text(Error code, std::string_view path) {
  return fmt::format("KeeperErrorCode = {}{}{}", keeper_name(code), path.empty() ? "" : " for ", path);
}

std::string failure_text(const client::Failure& failure, std::string_view path) {
  const Error code = failure.code;
  if (code == Error::bad_arguments && failure.fate == client::Fate::not_sent) {
    // The client's own words, after "operation path: ".
    const std::string mark = fmt::format(" {}: ", path);
    const auto at = failure.text.find(mark);
    return at == std::string::npos ? failure.text : failure.text.substr(at + mark.size());
  }
  switch (code) {
    case Error::no_node:
      return fmt::format("Node does not exist: {}", path);
    case Error::no_children_for_ephemerals:
      return fmt::format("Ephemerals cannot have children: {}", path);
    case Error::node_exists:
      return fmt::format("Node already exists: {}", path);
    case Error::not_empty:
      return fmt::format("Node not empty: {}", path);
    case Error::not_read_only:
      return fmt::format("Not a read-only call: {}", path);
    case Error::invalid_acl:
      return fmt::format("Acl is not valid : {}", path);
    case Error::no_auth:
      return fmt::format("Insufficient permission : {}", path);
    case Error::bad_arguments:
      return fmt::format("Arguments are not valid : {}", path);
    case Error::bad_version:
      return fmt::format("version No is not valid : {}", path);
    case Error::quota_exceeded:
      return fmt::format("Quota has exceeded : {}", path);
    case Error::reconfig_in_progress:
      return "Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)";
    case Error::new_config_no_quorum:
      return "No quorum of new config is connected and up-to-date with the leader of last commmitted config - try "
             "invoking reconfiguration after new servers are connected and synced";
    default:
      break;
  }
  std::string text = keeper_text(code, path);
  if (failure.fate != client::Fate::answered && !failure.text.empty()) text += "\n" + failure.text;
  if (failure.fate == client::Fate::may_be_applied) text += "\nIt may have been applied all the same";
  return text;
}

std::string_view type_text(client::EventType type) {
  switch (type) {
    case client::EventType::none:
      return "None";
    case client::EventType::node_created:
      return "NodeCreated";
    case client::EventType::node_deleted:
      return "NodeDeleted";
    case client::EventType::node_data_changed:
      return "NodeDataChanged";
    case client::EventType::node_children_changed:
      return "NodeChildrenChanged";
    case client::EventType::data_watch_removed:
      return "DataWatchRemoved";
    case client::EventType::child_watch_removed:
      return "ChildWatchRemoved";
    case client::EventType::persistent_watch_removed:
      return "PersistentWatchRemoved";
  }
  return "Unknown";
}

std::string event_text(const client::WatchEvent& event) {
  return fmt::format("WatchedEvent state:SyncConnected type:{} path:{} zxid: {}", type_text(event.type), event.path,
                     event.zxid);
}

std::string event_text(client::State state) {
  return fmt::format("WatchedEvent state:{} type:None path:null zxid: -1", keeper_state(state));
}

std::string_view state_text(client::State state) {
  switch (state) {
    case client::State::connecting:
      return "CONNECTING";
    case client::State::connected:
      return "CONNECTED";
    case client::State::connected_read_only:
      return "CONNECTEDREADONLY";
    case client::State::closed:
    case client::State::expired:
      return "CLOSED";
    case client::State::auth_failed:
      return "AUTH_FAILED";
  }
  return "";
}

}  // namespace quoll::apps::shell
