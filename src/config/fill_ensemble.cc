// Checks the server lines. A single server line means a standalone server, as in Apache (parseDynamicConfig); HBase and
// others write such files.
#include <charconv>
#include <set>

#include "base/utf8.h"
#include "config/fill.h"
#include "config/text.h"

namespace quoll::config {
namespace {

constexpr std::string_view kFamily = "server.";

// Flags with these names are clients' properties, such as -Dzookeeper.server.principal in JVMFLAGS for both clients and
// servers, not server lines.
bool is_server_line(std::string_view name, const Given& given) {
  return name.starts_with(kFamily) && given.line != 0;
}

std::optional<std::int64_t> server_id(std::string_view name) {
  return parse_int(name.substr(kFamily.size()), Digits::decimal);
}

bool several_addresses(const Values& values) {
  const auto* given = values.find("multiAddress.enabled");
  return given != nullptr && equal_ignoring_case(given->text, "true");
}

std::map<std::int64_t, ServerLine> server_lines(Values& values) {
  std::map<std::int64_t, ServerLine> servers;
  for (const auto& [name, given] : values.all()) {
    if (!is_server_line(name, given)) continue;
    const auto id = server_id(name);
    auto line = parse_server_line(given.text);
    if (!id)
      values.fault(name, "must have a number after the dot");
    else if (!line)
      values.fault(name, line.error());
    else if (line->addresses.size() > 1 && !several_addresses(values))
      values.fault(name, "gives several addresses, for which multiAddress.enabled must be true");
    else if (!servers.emplace(*id, std::move(*line)).second)
      values.fault(name, "has the number of another server");
  }
  return servers;
}

void refuse_ensemble(Values& values, const std::map<std::int64_t, ServerLine>& servers) {
  for (const auto& [name, given] : values.all()) {
    if (!is_server_line(name, given)) continue;
    values.fault(name, fmt::format("and other lines list {} servers. {}", servers.size(), row(kFamily).note));
    return;
  }
}

// QuorumHierarchical.java reads these two families even without servers.
void check_groups(Values& values, const std::map<std::int64_t, ServerLine>& servers) {
  std::set<std::int64_t> grouped;
  bool hierarchical = false;
  for (const auto& [name, given] : values.all()) {
    const bool group = name.starts_with("group.");
    if (given.line == 0 || (!group && !name.starts_with("weight."))) continue;
    hierarchical = true;
    if (!parse_int(name.substr(name.find('.') + 1), Digits::decimal))
      values.fault(name, "must have a number after the dot");
    const auto numbers = group ? split(given.text, ':') : std::vector<std::string_view>{given.text};
    for (const auto word : numbers) {
      const auto number = parse_int(word, Digits::decimal);
      if (!number)
        values.fault(name, fmt::format("must contain {}", group ? "server ids, separated by colons" : "a number"));
      else if (group && !grouped.insert(*number).second)
        values.fault(name, fmt::format("contains server {}, which is already in a group", *number));
    }
  }
  for (const auto& [id, line] : servers) {
    if (hierarchical && line.role == PeerRole::participant && !grouped.contains(id))
      values.fault(fmt::format("server.{}", id), "is in none of the groups");
  }
}

// QuorumPeerConfig.java: each of these switches requires the previous one.
void check_quorum_auth(Values& values) {
  const auto on = [&](std::string_view name) {
    const auto* given = values.find(name);
    return given != nullptr && equal_ignoring_case(given->text, "true");
  };
  constexpr std::string_view kEnabled = "quorum.auth.enableSasl";
  constexpr std::string_view kLearner = "quorum.auth.learnerRequireSasl";
  constexpr std::string_view kServer = "quorum.auth.serverRequireSasl";
  for (const auto needs : {kLearner, kServer}) {
    if (on(needs) && !on(kEnabled)) values.fault(needs, fmt::format("is true, for which {} must be true", kEnabled));
  }
  if (on(kServer) && !on(kLearner)) values.fault(kServer, fmt::format("is true, for which {} must be true", kLearner));
}

void check_version(Values& values) {
  const auto* given = values.find("version");
  if (given == nullptr) return;
  std::uint64_t version = 0;
  const auto* const end = given->text.data() + given->text.size();
  const auto [stop, error] = std::from_chars(given->text.data(), end, version, 16);
  if (error != std::errc{} || stop != end) values.fault("version", "must be a hexadecimal number");
}

}  // namespace

Ensemble fill_ensemble(Values& values) {
  Ensemble ensemble;
  ensemble.reconfig_enabled = values.boolean("reconfigEnabled");
  ensemble.read_only_mode = values.boolean("readonlymode.enabled");
  ensemble.standalone_enabled = values.boolean("standaloneEnabled");
  (void)values.int32("electionAlg");
  (void)values.text("dynamicConfigFile");
  ensemble.servers = server_lines(values);
  if (ensemble.servers.size() > 1) {
    refuse_ensemble(values, ensemble.servers);
  } else if (ensemble.servers.size() == 1) {
    const auto& [id, line] = *ensemble.servers.begin();
    const auto name = fmt::format("server.{}", id);
    if (line.role == PeerRole::observer) {
      values.fault(name, "is an observer, but there is no other server");
    } else {
      values.note(Weight::warning, name, "is the only server listed, so this server runs alone, without elections");
    }
  }
  check_groups(values, ensemble.servers);
  check_quorum_auth(values);
  check_version(values);
  return ensemble;
}

}  // namespace quoll::config
