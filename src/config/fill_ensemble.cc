// What is said of other servers. One server line alone means a server that runs alone, in Apache's way
// (parseDynamicConfig): HBase and others write such files.
#include <charconv>

#include "base/utf8.h"
#include "config/fill.h"
#include "config/text.h"

namespace quoll::config {
namespace {

constexpr std::string_view kFamily = "server.";

// Flags bring no servers, but clients' properties of like names, as -Dzookeeper.server.principal, by a JVMFLAGS that is
// for both.
bool is_server_line(std::string_view name, const Given& given) {
  return name.starts_with(kFamily) && given.line != 0;
}

std::optional<std::int64_t> server_id(std::string_view name) {
  return parse_int(name.substr(kFamily.size()), Digits::decimal);
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
    else if (!servers.emplace(*id, std::move(*line)).second)
      values.fault(name, "has the number of another server");
  }
  return servers;
}

void refuse_ensemble(Values& values, const std::map<std::int64_t, ServerLine>& servers) {
  for (const auto& [name, given] : values.all()) {
    if (!is_server_line(name, given)) continue;
    values.fault(name, fmt::format("and others list {} servers. {}", servers.size(), row(kFamily).note));
    return;
  }
}

// Apache takes the port from the line only if dataDir/myid bears its number. Here the one line is taken for this
// server's, as a server without a port would serve nobody.
void adopt_client_port(Values& values, std::string_view name, const ServerLine& line, Network& network) {
  if (!line.client) return;
  if (!network.client) {
    const bool everywhere = line.client->host == "0.0.0.0" || line.client->host == "::";
    network.client = Listen{everywhere ? std::string() : line.client->host, line.client->port};
  } else if (network.client->port != line.client->port) {
    values.fault(
        name, fmt::format("gives the client port {}, but clientPort is {}", line.client->port, network.client->port));
  }
}

}  // namespace

Ensemble fill_ensemble(Values& values, Network& network) {
  Ensemble ensemble;
  ensemble.reconfig_enabled = values.boolean("reconfigEnabled");
  ensemble.read_only_mode = values.boolean("readonlymode.enabled");
  (void)values.int32("electionAlg");
  ensemble.servers = server_lines(values);
  if (ensemble.servers.size() > 1) {
    refuse_ensemble(values, ensemble.servers);
  } else if (ensemble.servers.size() == 1) {
    const auto& [id, line] = *ensemble.servers.begin();
    const auto name = fmt::format("server.{}", id);
    if (line.role == PeerRole::observer) {
      values.fault(name, "is an observer, and there is no server to observe");
    } else {
      values.note(Weight::warning, name, "is the only server listed, so this server runs alone, without elections");
    }
    adopt_client_port(values, name, line, network);
  }
  return ensemble;
}

}  // namespace quoll::config
