#include "config/ensemble.h"

#include <algorithm>
#include <charconv>

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

// The suffix of the file's name, if it is a hexadecimal number: zoo.cfg.dynamic.1001.
void take_version(const std::string& path, Values& values) {
  const auto dot = path.rfind('.');
  if (dot == std::string::npos) return;
  const auto suffix = path.substr(dot + 1);
  std::int64_t version = 0;
  const auto* const end = suffix.data() + suffix.size();
  const auto [stop, error] = std::from_chars(suffix.data(), end, version, 16);
  if (error == std::errc{} && stop == end) values.give("version", {suffix, "the name of " + path, 0});
}

struct AlreadyReported {};

// As in Apache's server, -1 in the file means that there is no id. An unreadable file is reported here.
std::expected<std::optional<std::int64_t>, AlreadyReported> server_id(const Files& files, Values& values,
                                                                      const std::string& data_dir) {
  if (!files.read || data_dir.empty()) return std::nullopt;
  const auto path = data_dir + "/myid";
  const auto text = files.read(path);
  if (text && !*text) return std::nullopt;
  const auto id = text ? parse_myid(**text) : std::unexpected(text.error());
  if (!id) {
    values.report().problems.push_back({"myid", 0, fmt::format("{} {}", path, id.error())});
    return std::unexpected(AlreadyReported{});
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

// What Apache's server requires of a member of an ensemble.
void check_limits(Values& values) {
  for (const auto& [limit, example] : {std::pair("initLimit", 10), std::pair("syncLimit", 5)}) {
    const auto* given = values.find(limit);
    const auto ticks = given == nullptr ? 0 : parse_int(given->text, Digits::decimal).value_or(1);
    if (ticks < 1)
      values.fault(limit,
                   fmt::format("must be set to a number of ticks in an ensemble, for example {}={}", limit, example));
  }
}

void check_self(Values& values, const Ensemble& ensemble, const std::string& data_dir) {
  std::string listed;
  for (const auto& [id, line] : ensemble.servers) listed += fmt::format("{}{}", listed.empty() ? "" : ", ", id);
  const auto wanted = fmt::format("it must contain the number of this server's line ({})", listed);
  const auto problem = [&](const std::string& text) {
    values.report().problems.push_back({"myid", 0, fmt::format("{}/myid {}; {}", data_dir, text, wanted)});
  };
  if (!ensemble.self)
    problem("is missing");
  else if (!ensemble.servers.contains(*ensemble.self))
    problem(fmt::format("contains {}, but there is no line server.{}", *ensemble.self, *ensemble.self));
}

// The role in the server line counts. Apache's server warns of it even where peerType is left out.
void check_role(Values& values, const ServerLine& line, std::string_view name) {
  const bool is_observer = line.role == PeerRole::observer;
  if (values.find("peerType") == nullptr || (values.text("peerType") == "observer") == is_observer) return;
  values.note(Weight::warning, "peerType",
              fmt::format("differs from {}, this server's line, which counts: it is {}", name,
                          is_observer ? "an observer" : "a participant"));
}

void settle_member(Values& values, Settings& settings) {
  const Ensemble& ensemble = settings.ensemble;
  check_limits(values);
  const auto own = ensemble.self ? ensemble.servers.find(*ensemble.self) : ensemble.servers.end();
  if (own == ensemble.servers.end()) return;
  const auto name = fmt::format("server.{}", own->first);
  check_role(values, own->second, name);
  if (own->second.client) take_own_port(values, name, *own->second.client, settings.network);
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
  take_version(path, values);
  for (const auto& entry : parsed->entries) take_dynamic_line(entry, path, values);
}

void settle_ensemble(const Files& files, Values& values, Settings& settings) {
  Ensemble& ensemble = settings.ensemble;
  const std::string& data_dir = settings.storage.data_dir;
  const auto id = server_id(files, values, data_dir);
  ensemble.self = id.value_or(std::nullopt);
  if (!ensemble.runs_alone()) {
    if (ensemble.voters() == 0)
      return values.fault(kStandalone,
                          "is false, but no server line has a server that votes; leave it true for a "
                          "standalone server");
    if (id && !data_dir.empty()) check_self(values, ensemble, data_dir);
    settle_member(values, settings);
  } else if (ensemble.servers.size() == 1) {
    const auto& [number, line] = *ensemble.servers.begin();
    if (line.client)
      settle_client_port(values, fmt::format("server.{}", number), *line.client, ensemble.self == number,
                         settings.network);
  }
}

}  // namespace quoll::config
