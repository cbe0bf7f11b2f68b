#include "config/load.h"

#include <algorithm>

#include "base/utf8.h"
#include "config/ensemble.h"
#include "config/fill.h"
#include "config/offers.h"

namespace quoll::config {
namespace {

void check_ports(Values& values, const Network& network) {
  if (!network.client && !network.secure_client) {
    values.note(Weight::warning, "clientPort", "is not set, and neither is secureClientPort: no client can connect");
    return;
  }
  if (!network.client || !network.secure_client || network.client->port != network.secure_client->port) return;
  const auto& plain = network.client->address;
  const auto& secure = network.secure_client->address;
  const bool overlap = plain.empty() || secure.empty() || plain == secure || plain == "0.0.0.0" || secure == "0.0.0.0";
  if (overlap && network.client->port != 0)
    values.fault("secureClientPort", "is equal to clientPort; each needs its own port");
}

// By line; entries without a line are last.
void order(auto& said) {
  std::ranges::stable_sort(said, {},
                           [](const auto& one) { return one.line == 0 ? std::numeric_limits<int>::max() : one.line; });
}

std::string shown_of(const Key& key, const Given& given) {
  return key.type == Type::secret ? std::string("(set)") : base::escaped(given.text, 120);
}

void tell_changes(const Values& values, Loaded& loaded) {
  for (const auto& [name, given] : values.all()) {
    loaded.places.emplace(name, given.place);
    const Key* key = find_in_file(name);
    const bool counts = key != nullptr && key->status == Status::honoured &&
                        (key->scope == Scope::everywhere || !loaded.settings.ensemble.runs_alone());
    if (counts && differs_from_default(*key, given.text))
      loaded.changed.push_back({name, shown_of(*key, given), given.place});
  }
}

LoadResult settle(Values& values, const Files& files) {
  Settings settings = fill(values, files);
  check_ports(values, settings.network);
  check_offers(values, settings);
  Report report = std::move(values.report());
  order(report.problems);
  order(report.notices);
  Loaded loaded{std::move(settings), {}, {}, {}};
  tell_changes(values, loaded);
  if (!report.problems.empty()) return std::unexpected(Refused{std::move(report), std::move(loaded)});
  loaded.notices = std::move(report.notices);
  return loaded;
}

}  // namespace

std::string Loaded::place_of(std::string_view key) const {
  const auto found = places.find(key);
  return found == places.end() ? std::string() : found->second;
}

LoadResult load(std::string_view text, std::string_view file_name, const Flags& flags, const Environment& environment,
                const Files& files) {
  const auto parsed = parse_properties(text);
  if (!parsed) {
    Refused report;
    for (const auto& fault : parsed.error())
      report.problems.push_back({"", fault.line, fmt::format("{}:{}: {}", file_name, fault.line, fault.text)});
    return std::unexpected(std::move(report));
  }
  Values values;
  gather_environment(environment, values);
  gather_flags(flags, values);
  gather_file(*parsed, file_name, values);
  gather_dynamic_file(files, values);
  return settle(values, files);
}

LoadResult load_positional(const Positional& arguments, const Flags& flags, const Environment& environment) {
  Values values;
  gather_environment(environment, values);
  gather_flags(flags, values);
  constexpr std::string_view kPlace = "command line";
  values.give("clientPort", {arguments.port, std::string(kPlace), 0});
  values.give("dataDir", {arguments.data_dir, std::string(kPlace), 0});
  if (arguments.tick) values.give("tickTime", {*arguments.tick, std::string(kPlace), 0});
  values.give("maxClientCnxns", {arguments.connections_max.value_or("0"), std::string(kPlace), 0});
  return settle(values, {});
}

}  // namespace quoll::config
