#include "config/ensemble.h"

#include <algorithm>

#include "base/utf8.h"
#include "config/myid.h"
#include "config/properties.h"
#include "config/text.h"

namespace quoll::config {
namespace {

constexpr std::string_view kDynamicFile = "dynamicConfigFile";
constexpr std::string_view kStandalone = "standaloneEnabled";

bool is_member_key(std::string_view name) {
  return name.starts_with("server.") || name.starts_with("group") || name.starts_with("weight");
}

void take_dynamic_line(const Property& entry, const std::string& path, Values& values) {
  const auto name = trimmed(entry.key);
  const auto place = fmt::format("{}:{}", path, entry.line);
  values.give(name, {std::string(trimmed(entry.value)), place, entry.line});
  if (name == "version") {
    values.fault(name, "must not be in this file: the version is the suffix of the file's name");
  } else if (!is_member_key(name)) {
    values.fault(base::escaped(name, 120),
                 "must not be in this file, which contains only server, group and weight lines");
  }
}

// As in Apache's server, -1 in the file means that there is no id.
std::optional<std::int64_t> server_id(const Files& files, Values& values, const std::string& data_dir) {
  if (!files.read || data_dir.empty()) return std::nullopt;
  const auto path = data_dir + "/myid";
  const auto text = files.read(path);
  if (text && !*text) return std::nullopt;
  const auto id = text ? parse_myid(**text) : std::unexpected(text.error());
  if (!id) {
    values.report().problems.push_back({"myid", 0, fmt::format("{} {}", path, id.error())});
    return std::nullopt;
  }
  return *id == -1 ? std::nullopt : std::optional(*id);
}

bool is_everywhere(std::string_view host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

bool is_numeric(std::string_view host) {
  return host.contains(':') || host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Whether Apache's server takes the two addresses as equal. It resolves names; here names cannot be resolved, so only
// their ports are compared.
bool may_be_same(const Listen& listed, const PeerClientPort& line) {
  if (listed.port != line.port) return false;
  if (is_everywhere(listed.address) || listed.address == line.host) return true;
  return !is_numeric(listed.address) || !is_numeric(line.host);
}

Listen listen_of(const PeerClientPort& line) {
  return {is_everywhere(line.host) ? std::string() : line.host, line.port};
}

void take_own_port(Values& values, std::string_view name, const PeerClientPort& line, Network& network) {
  if (network.client && !may_be_same(*network.client, line)) {
    const auto& listed = *network.client;
    values.fault(name,
                 fmt::format("is this server's, by dataDir/myid, and offers clients {}:{}, but clientPort "
                             "says {}:{}; make both equal, or remove one of them",
                             line.host, line.port, listed.address.empty() ? "0.0.0.0" : listed.address, listed.port));
  }
  network.client = listen_of(line);
}

// Sets the client port from the only server line. Apache's server uses that port only if dataDir/myid contains the
// line's number; without clientPort it then listens nowhere. Here the line is taken as this server's in that case.
void settle_client_port(Values& values, std::string_view name, const PeerClientPort& line, bool is_own,
                        Network& network) {
  if (is_own) {
    take_own_port(values, name, line, network);
  } else if (!network.client) {
    network.client = listen_of(line);
  } else if (network.client->port != line.port) {
    values.note(
        Weight::warning, name,
        fmt::format("gives the client port {}, which does not count, as in Apache's server, because dataDir/myid "
                    "does not name this server; clients are served on clientPort {}",
                    line.port, network.client->port));
  }
}

// What Apache's server requires for an ensemble, even one of a single server.
void check_ensemble_of_one(Values& values, const std::optional<std::int64_t>& id, const Ensemble& ensemble,
                           const std::string& data_dir) {
  if (ensemble.servers.empty()) {
    values.fault(kStandalone, "is false, but there are no server lines; leave it true for a standalone server");
    return;
  }
  for (const std::string_view limit : {"initLimit", "syncLimit"}) {
    const auto* given = values.find(limit);
    if (given == nullptr || parse_int(given->text, Digits::decimal) == 0)
      values.fault(kStandalone, fmt::format("is false, for which {} must be set", limit));
  }
  if (!id) {
    values.fault(kStandalone,
                 fmt::format("is false, for which {}/myid must contain the number of a server line", data_dir));
  } else if (!ensemble.servers.contains(*id)) {
    values.fault(kStandalone,
                 fmt::format("is false, and {}/myid contains {}, but no line server.{} is there", data_dir, *id, *id));
  }
  values.note(Weight::info, kStandalone, "is false, which has no effect: with one server there is no election");
}

}  // namespace

void gather_dynamic_file(const Files& files, Values& values) {
  const auto* given = values.find(kDynamicFile);
  if (given == nullptr || !files.read) return;
  const std::string path = given->text;
  for (const auto& [name, value] : values.all()) {
    if (is_member_key(name) && value.line != 0)
      values.fault(name, fmt::format("must be in {}, the file named by dynamicConfigFile, and nowhere else", path));
  }
  const auto text = files.read(path);
  if (!text) return values.fault(kDynamicFile, fmt::format("can't be read: {}", text.error()));
  if (!*text) return values.fault(kDynamicFile, fmt::format("names {}, where there is no file", path));
  const auto parsed = parse_properties(**text);
  if (!parsed) {
    for (const auto& fault : parsed.error())
      values.report().problems.push_back({"", fault.line, fmt::format("{}:{}: {}", path, fault.line, fault.text)});
    return;
  }
  for (const auto& entry : parsed->entries) take_dynamic_line(entry, path, values);
}

void settle_ensemble(const Files& files, Values& values, Settings& settings) {
  const auto id = server_id(files, values, settings.storage.data_dir);
  const Ensemble& ensemble = settings.ensemble;
  if (!ensemble.standalone_enabled && ensemble.servers.size() < 2)
    check_ensemble_of_one(values, id, ensemble, settings.storage.data_dir);
  if (ensemble.servers.size() != 1) return;
  const auto& [number, line] = *ensemble.servers.begin();
  if (line.client)
    settle_client_port(values, fmt::format("server.{}", number), *line.client, id == number, settings.network);
}

}  // namespace quoll::config
