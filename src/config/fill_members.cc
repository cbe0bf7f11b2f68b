// The servers of an ensemble, their groups and weights: server.N, group.N and weight.N. A single server line means a
// standalone server, as in Apache (parseDynamicConfig); HBase and others write such files.
#include <charconv>

#include "base/utf8.h"
#include "config/fill.h"
#include "config/membership_text.h"
#include "config/text.h"

namespace quoll::config {
namespace {

constexpr std::string_view kServer = "server.";
constexpr std::string_view kGroup = "group.";
constexpr std::string_view kWeight = "weight.";

// Flags with these names are clients' properties, such as -Dzookeeper.server.principal in JVMFLAGS for both clients and
// servers, not server lines.
bool is_line(std::string_view family, std::string_view name, const Given& given) {
  return name.starts_with(family) && given.line != 0;
}

std::optional<std::int64_t> number_in(std::string_view name) {
  return parse_int(name.substr(name.find('.') + 1), Digits::decimal);
}

bool several_addresses(const Values& values) {
  const auto* given = values.find("multiAddress.enabled");
  return given != nullptr && equal_ignoring_case(given->text, "true");
}

std::map<std::int64_t, ServerLine> server_lines(Values& values) {
  std::map<std::int64_t, ServerLine> servers;
  for (const auto& [name, given] : values.all()) {
    if (!is_line(kServer, name, given)) continue;
    const auto id = number_in(name);
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

void take_group(Values& values, std::string_view name, std::string_view text, Ensemble& ensemble) {
  const auto group = number_in(name);
  if (!group) values.fault(name, "must have a number after the dot");
  for (const auto word : split(text, ':')) {
    const auto server = parse_int(word, Digits::decimal);
    if (!server)
      values.fault(name, "must contain server ids, separated by colons");
    else if (!ensemble.group_of.emplace(*server, group.value_or(0)).second)
      values.fault(name, fmt::format("contains server {}, which is already in a group", *server));
  }
}

void take_weight(Values& values, std::string_view name, std::string_view text, Ensemble& ensemble) {
  const auto server = number_in(name);
  const auto weight = parse_int(text, Digits::decimal);
  if (!server) values.fault(name, "must have a number after the dot");
  if (!weight) values.fault(name, "must contain a number");
  if (server && weight) ensemble.weight_of.emplace(*server, *weight);
}

// QuorumHierarchical.java reads these two families even without servers.
void take_groups(Values& values, Ensemble& ensemble) {
  const auto given = values.all();  // a copy, because faults are added during the loop
  for (const auto& [name, value] : given) {
    const bool is_group = is_line(kGroup, name, value);
    if (!is_group && !is_line(kWeight, name, value)) continue;
    ensemble.has_groups = true;
    if (is_group)
      take_group(values, name, value.text, ensemble);
    else
      take_weight(values, name, value.text, ensemble);
  }
}

std::string name_of(std::string_view family, std::int64_t number) {
  return fmt::format("{}{}", family, number);
}

void check_groups(Values& values, const Ensemble& ensemble) {
  if (!ensemble.has_groups) return;
  for (const auto& [id, line] : ensemble.servers) {
    if (line.role == PeerRole::participant && !ensemble.group_of.contains(id))
      values.fault(name_of(kServer, id), "is in none of the groups");
  }
  if (ensemble.runs_alone()) return;
  // Apache's server would count the weight of these as part of their group, though they never vote.
  for (const auto& [server, group] : ensemble.group_of) {
    const auto line = ensemble.servers.find(server);
    if (line == ensemble.servers.end() || line->second.role == PeerRole::observer)
      values.fault(name_of(kGroup, group),
                   fmt::format("contains server {}, which is not one of the voting servers; take it out", server));
  }
  std::int64_t sum = 0;
  for (const auto& [server, group] : ensemble.group_of) {
    const auto weight = ensemble.weight_of.find(server);
    if (weight != ensemble.weight_of.end() && weight->second < 0)
      values.fault(name_of(kWeight, server), "is negative, but must be 0 or more");
    sum += weight == ensemble.weight_of.end() ? 1 : weight->second;
  }
  if (sum == 0 && !ensemble.group_of.empty())
    values.fault(name_of(kGroup, ensemble.group_of.begin()->second), "and all others have no weight: nobody can vote");
}

std::int64_t version(Values& values) {
  const auto* given = values.find("version");
  if (given == nullptr) return 0;
  std::int64_t number = 0;
  const auto* const end = given->text.data() + given->text.size();
  const auto [stop, error] = std::from_chars(given->text.data(), end, number, 16);
  if (error != std::errc{} || stop != end) values.fault("version", "must be a hexadecimal number");
  return number;
}

// As QuorumPeerConfig.parseDynamicConfig.
void check_servers(Values& values, const Ensemble& ensemble) {
  if (ensemble.servers.empty()) return;
  const auto first = name_of(kServer, ensemble.servers.begin()->first);
  const std::size_t voters = ensemble.voters();
  const std::size_t observers = ensemble.servers.size() - voters;
  if (ensemble.runs_alone() && observers > 0) {
    for (const auto& [id, line] : ensemble.servers) {
      if (line.role == PeerRole::observer)
        values.fault(name_of(kServer, id),
                     fmt::format("is an observer, but there is {}",
                                 voters == 0 ? "no other server that votes" : "only one server that votes"));
    }
  } else if (ensemble.runs_alone()) {
    values.note(Weight::warning, first, "is the only server listed, so this server runs alone, without elections");
  } else if (voters == 1 || voters == 2) {
    values.note(Weight::warning, first,
                fmt::format("{}: {}. At least 3 servers are needed for an ensemble that "
                            "serves while one of them is down",
                            voters == 1 ? "is the only server that votes" : "is one of two servers that vote",
                            voters == 1 ? "the ensemble stops with it" : "the ensemble stops when either stops"));
  } else if (voters % 2 == 0) {
    values.note(Weight::warning, first,
                fmt::format("is one of {} servers that vote. Consider an odd number: {} tolerate as many failures",
                            voters, voters - 1));
  }
}

// The byte of a session id that says which server made it, and the sign that a hello of another version has.
void check_ids(Values& values, const Ensemble& ensemble) {
  constexpr std::int64_t kIdMax = 255;
  if (ensemble.runs_alone()) return;
  for (const auto& [id, line] : ensemble.servers) {
    if (id < 0) {
      values.fault(name_of(kServer, id), "must not have a negative number");
    } else if (id > kIdMax) {
      values.note(Weight::warning, name_of(kServer, id),
                  fmt::format("should have a number up to {}: session ids hold 8 bits of it, so that two servers may "
                              "make the same ones",
                              kIdMax));
    }
  }
}

}  // namespace

std::size_t Ensemble::voters() const {
  std::size_t count = 0;
  for (const auto& [id, line] : servers) count += line.role == PeerRole::participant ? 1 : 0;
  return count;
}

void fill_members(Values& values, Ensemble& ensemble) {
  ensemble.servers = server_lines(values);
  take_groups(values, ensemble);
  ensemble.version = version(values);
  check_servers(values, ensemble);
  check_ids(values, ensemble);
  check_groups(values, ensemble);
  if (!ensemble.servers.empty()) ensemble.text = membership_text(ensemble);
}

}  // namespace quoll::config
