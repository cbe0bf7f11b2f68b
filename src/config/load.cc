#include "config/load.h"

#include <algorithm>

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
    values.fault("secureClientPort", "is the same as clientPort; each needs its own");
}

// By line; what comes from no line goes to the end.
void order(auto& said) {
  std::ranges::stable_sort(said, {},
                           [](const auto& one) { return one.line == 0 ? std::numeric_limits<int>::max() : one.line; });
}

LoadResult settle(Values& values) {
  Settings settings = fill(values);
  check_ports(values, settings.network);
  check_offers(values);
  auto& report = values.report();
  order(report.problems);
  order(report.notices);
  if (!report.problems.empty()) return std::unexpected(std::move(report));
  return Loaded{std::move(settings), std::move(report.notices)};
}

}  // namespace

LoadResult load(std::string_view text, std::string_view file_name, const Flags& flags, const Environment& environment) {
  const auto parsed = parse_properties(text);
  if (!parsed) {
    Report report;
    for (const auto& fault : parsed.error())
      report.problems.push_back({"", fault.line, fmt::format("{}:{}: {}", file_name, fault.line, fault.text)});
    return std::unexpected(std::move(report));
  }
  Values values;
  gather_environment(environment, values);
  gather_flags(flags, values);
  gather_file(*parsed, file_name, values);
  return settle(values);
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
  return settle(values);
}

}  // namespace quoll::config
