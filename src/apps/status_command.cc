#include "apps/status_command.h"

#include <CLI/CLI.hpp>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "admin/json_text.h"
#include "apps/ensemble_report.h"
#include "apps/four_letter_query.h"
#include "base/utf8.h"
#include "client/connect_string.h"

namespace quoll::apps {

namespace {

constexpr int kGood = 0;
constexpr int kSomethingIsWrong = 1;
constexpr int kWrongArguments = 2;
constexpr int kNotServed = 3;
constexpr std::size_t kColumns = 9;
using Row = std::array<std::string, kColumns>;

template <typename Number>
std::string shown(const std::optional<Number>& number) {
  return number ? fmt::format("{}", *number) : "-";
}

std::string shown_bytes(const std::optional<std::int64_t>& bytes) {
  constexpr double kGiB = 1 << 30;
  return bytes ? fmt::format("{:.1f} GiB", static_cast<double>(*bytes) / kGiB) : "-";
}

Row row_of(const ServerStatus& server) {
  const auto epoch = server.zxid ? std::optional(*server.zxid >> 32) : std::nullopt;
  return {server.name,
          server.role,
          shown(epoch),
          server.zxid ? fmt::format("0x{:x}", *server.zxid) : "-",
          shown(server.lag),
          shown(server.connections),
          shown(server.znodes),
          shown_bytes(server.disk_free_bytes),
          server.version.empty() ? "-" : server.version};
}

void print_table(const EnsembleReport& report) {
  std::vector<Row> rows{{"SERVER", "ROLE", "EPOCH", "ZXID", "BEHIND", "CONNECTIONS", "ZNODES", "DISK FREE", "VERSION"}};
  for (const ServerStatus& server : report.servers) rows.push_back(row_of(server));
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < kColumns; ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
  }
  for (const StatusFinding& finding : report.findings) {
    fmt::print("{}{}{}. {}.\n", finding.server, finding.server.empty() ? "" : " ", base::escaped(finding.what),
               finding.advice);
  }
  if (report.findings.empty()) fmt::print("Nothing is wrong.\n");
}

template <typename Value>
void optional_field(admin::JsonText& json, std::string_view name, const std::optional<Value>& value) {
  if (value) json.field(name, *value);
}

void print_json(const EnsembleReport& report) {
  admin::JsonText json;
  json.begin_object();
  json.field("served", report.is_served);
  json.key("servers");
  json.begin_array();
  for (const ServerStatus& server : report.servers) {
    json.begin_object();
    json.field("server", server.name);
    json.field("role", server.role);
    json.field("serves", server.is_serving);
    if (server.zxid) json.field("zxid", fmt::format("0x{:x}", *server.zxid));
    optional_field(json, "behind", server.lag);
    optional_field(json, "connections", server.connections);
    optional_field(json, "outstanding", server.outstanding);
    optional_field(json, "znodes", server.znodes);
    optional_field(json, "disk_free_bytes", server.disk_free_bytes);
    if (!server.version.empty()) json.field("version", server.version);
    json.end_object();
  }
  json.end_array();
  json.key("findings");
  json.begin_array();
  for (const StatusFinding& finding : report.findings) {
    json.begin_object();
    if (!finding.server.empty()) json.field("server", finding.server);
    json.field("what", finding.what);
    json.field("advice", finding.advice);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  fmt::print("{}\n", json.take());
}

// The page for Prometheus is on the admin server's port of Quoll's servers; Apache's have none there.
constexpr std::string_view kMetricsRequest = "GET /metrics HTTP/1.1\r\nHost: quoll\r\nConnection: close\r\n\r\n";

std::vector<AskedServer> ask(const std::vector<client::Endpoint>& servers, std::uint16_t admin_port,
                             std::int64_t timeout_ms) {
  std::vector<WordQuery> queries;
  for (const client::Endpoint& server : servers) {
    queries.push_back({server.host, server.port, "srvr"});
    queries.push_back({server.host, server.port, "mntr"});
    if (admin_port != 0) queries.push_back({server.host, admin_port, std::string(kMetricsRequest)});
  }
  const auto answers = ask_words(queries, timeout_ms);
  const std::size_t each = admin_port != 0 ? 3 : 2;
  std::vector<AskedServer> asked;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    AskedServer one{fmt::format("{}:{}", servers[i].host, servers[i].port), answers[each * i], answers[each * i + 1]};
    if (admin_port != 0) one.metrics = answers[each * i + 2];
    asked.push_back(std::move(one));
  }
  return asked;
}

}  // namespace

int run_status(std::span<const std::string> arguments) {
  CLI::App app(
      "Asks the servers of an ensemble how they are, Quoll's and Apache's, and says what is wrong. Exit code 0: "
      "nothing; "
      "1: something; 2: wrong arguments; 3: none of the servers serves",
      "quoll status");
  std::vector<std::string> names{"localhost"};
  app.add_option("HOST[:PORT]", names, "the servers, also with commas between; by default localhost. Name all of them");
  bool as_json = false;
  app.add_flag("--json", as_json, "prints an object in place of a table");
  std::int64_t timeout_ms = 5000;
  app.add_option("--timeout", timeout_ms, "how long to wait for answers, in milliseconds")
      ->check(CLI::Range(1, 600'000))
      ->capture_default_str();
  std::uint16_t admin_port = 8080;
  app.add_option("--admin-port", admin_port, "their HTTP port, which tells the room on their disks; 0: it is not asked")
      ->capture_default_str();
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kGood : kWrongArguments;
  }
  const auto servers = client::parse_connect_string(fmt::format("{}", fmt::join(names, ",")));
  if (!servers) {
    fmt::print(stderr, "quoll status: {}\n", servers.error());
    return kWrongArguments;
  }
  const EnsembleReport report = report_on(ask(servers->servers, admin_port, timeout_ms));
  as_json ? print_json(report) : print_table(report);
  if (!report.is_served) return kNotServed;
  return report.findings.empty() ? kGood : kSomethingIsWrong;
}

}  // namespace quoll::apps
