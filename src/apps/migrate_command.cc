#include "apps/migrate_command.h"

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <set>
#include <sys/timex.h>

#include "apps/check.h"
#include "apps/configuration.h"
#include "apps/four_letter_query.h"
#include "apps/migration_findings.h"
#include "apps/server_options.h"
#include "config/command_line.h"
#include "os/console_log.h"
#include "os/files.h"
#include "store/data_dirs.h"

namespace quoll::apps {

namespace {

constexpr std::int64_t kAnswerTimeoutMs = 5000;
// A server writes a snapshot when it starts, and needs room for it and for a log.
constexpr std::int64_t kRoomForLogs = std::int64_t{128} << 20;

class Report {
 public:
  void add(const MigrationFinding& finding) {
    constexpr std::array<std::string_view, 3> kWords{"good     ", "doubt    ", "OBSTACLE "};
    fmt::print("{} {}\n", kWords.at(finding.kind), finding.text);
    obstacles_ += finding.kind == MigrationFinding::obstacle;
  }
  [[nodiscard]] int obstacles() const { return obstacles_; }

 private:
  int obstacles_ = 0;
};

// Collects what the check of a start says.
class Lines : public env::Log {
 public:
  explicit Lines(Report& report) : report_(report) {}
  void write(env::Level level, std::string_view line) override {
    if (level == env::Level::error) report_.add({MigrationFinding::obstacle, std::string(line)});
    if (level == env::Level::warn) report_.add({MigrationFinding::doubt, std::string(line)});
  }
  [[nodiscard]] bool enabled(env::Level level) const override { return level >= env::Level::warn; }

 private:
  Report& report_;
};

struct Member {
  AskedMember asked;
  std::string host;
  std::uint16_t port = 0;
};

Member member_of(std::int64_t id, const config::ServerLine& line, const config::Network& network) {
  const bool names_host = line.client && line.client->host != "0.0.0.0" && line.client->host != "::";
  const std::string host = names_host ? line.client->host : line.addresses.front().host;
  std::uint16_t port = line.client ? line.client->port : 0;
  if (port == 0 && network.client) port = network.client->port;
  Member member{.asked = {}, .host = host, .port = port};
  member.asked.name = fmt::format("server {} ({}:{})", id, host, port);
  return member;
}

// By default where the servers' lines say that the clients' ports are.
std::vector<Member> members_of(const config::Settings& settings, const std::vector<std::string>& addresses) {
  std::vector<Member> members;
  for (const std::string& address : addresses) {
    const std::size_t colon = address.rfind(':');
    Member member{.asked = {}, .host = address.substr(0, colon), .port = 0};
    std::from_chars(address.data() + colon + 1, address.data() + address.size(), member.port);
    if (member.host.starts_with('[') && member.host.ends_with(']'))
      member.host = member.host.substr(1, member.host.size() - 2);
    member.asked.name = address;
    members.push_back(std::move(member));
  }
  if (!members.empty()) return members;
  for (const auto& [id, line] : settings.ensemble.servers)
    if (!line.addresses.empty()) members.push_back(member_of(id, line, settings.network));
  return members;
}

void check_members(const config::Settings& settings, const std::vector<std::string>& addresses, Report& report) {
  const std::vector<Member> members = members_of(settings, addresses);
  if (!addresses.empty() && addresses.size() != settings.ensemble.servers.size()) {
    report.add({MigrationFinding::doubt, fmt::format("{} addresses were given, but the configuration has {} servers",
                                                     addresses.size(), settings.ensemble.servers.size())});
  }
  std::vector<WordQuery> queries;
  std::set<std::pair<std::string, std::uint16_t>> ports;
  for (const Member& member : members) {
    queries.push_back({member.host, member.port, "srvr"});
    queries.push_back({member.host, member.port, "mntr"});
    ports.emplace(member.host, member.port);
  }
  if (ports.size() < members.size()) {
    report.add({MigrationFinding::obstacle,
                "The lines of several servers lead to the same port for clients: say where "
                "the members serve clients, as HOST:PORT after the file's name"});
    return;
  }
  const auto answers = ask_words(queries, kAnswerTimeoutMs);
  std::vector<AskedMember> asked;
  for (std::size_t i = 0; i < members.size(); ++i) {
    asked.push_back(members[i].asked);
    asked.back().srvr = answers[2 * i];
    asked.back().mntr = answers[2 * i + 1];
  }
  for (const MigrationFinding& finding : judge_members(asked, settings.ensemble.voters())) report.add(finding);
}

void check_room(const config::Settings& settings, Report& report) {
  os::PosixDisk disk;
  const auto dirs = store::DataDirs::look(disk, server_options(settings).store);
  if (!dirs) return;  // the check of the folders has said why
  const auto snapshots = dirs->snapshots();
  const std::int64_t snapshot = snapshots && !snapshots->empty() ? snapshots->front().bytes : 0;
  const auto check = [&](const std::string& folder, std::string_view key, std::int64_t needed) {
    const auto space = disk.free_space(folder);
    if (!space) return;
    constexpr std::int64_t kMiB = std::int64_t{1} << 20;
    const std::string text = fmt::format("{} ({}) has {} MiB free; a start needs about {} MiB", folder, key,
                                         space->free / kMiB, needed / kMiB);
    report.add({space->free < needed ? MigrationFinding::obstacle : MigrationFinding::good, text});
  };
  check(dirs->snapshot_dir(), "dataDir", 2 * snapshot + kRoomForLogs);
  if (dirs->log_dir() != dirs->snapshot_dir()) check(dirs->log_dir(), "dataLogDir", kRoomForLogs);
}

// The leader's clock makes ctime and mtime, and the age of TTL znodes: a new leader must not be far from the old one.
void check_clock(Report& report) {
  timex state{};
  const int result = ::adjtimex(&state);
  if (result < 0) {
    report.add({MigrationFinding::doubt,
                "The kernel does not say whether its clock is synchronized: compare the "
                "clocks of all servers yourself (date)"});
  } else if (result == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    report.add({MigrationFinding::doubt,
                "This machine's clock is not synchronized by NTP, says the kernel: compare the "
                "clocks of all servers (date), or the times of znodes will jump"});
  } else {
    report.add({MigrationFinding::good, "This machine's clock is synchronized"});
  }
}

int check(const std::string& file, const std::vector<std::string>& addresses) {
  os::PosixDisk disk;
  Report report;
  const config::Environment variables = process_environment();
  const auto line = config::parse_command_line(std::span(&file, file.empty() ? 0 : 1), variables);
  const auto configuration = line ? read_configuration(*line, variables, disk)
                                  : std::expected<Configuration, std::string>(std::unexpected(line.error()));
  if (!configuration) {
    fmt::print(stderr, "{}\n", configuration.error());
    return 2;
  }
  Lines lines(report);
  check_start(*configuration, {}, lines, Ports::may_be_taken);
  if (report.obstacles() == 0) report.add({MigrationFinding::good, configuration->name + " is offered in full"});
  const auto& result = configuration->result;
  const config::Settings& settings = (result ? *result : result.error().partial).settings;
  check_room(settings, report);
  check_clock(report);
  if (settings.ensemble.runs_alone()) {
    report.add({MigrationFinding::good, "This server runs alone: there is no one to ask"});
  } else {
    check_members(settings, addresses, report);
  }
  if (report.obstacles() > 0) {
    fmt::print("{} in the way. Nothing was changed.\n",
               report.obstacles() == 1 ? "1 obstacle stands" : fmt::format("{} obstacles stand", report.obstacles()));
    return 1;
  }
  fmt::print("Nothing stands in the way of replacing this server. Nothing was changed. The steps: docs/migration.md\n");
  return 0;
}

}  // namespace

int run_migrate(std::span<const std::string> arguments) {
  CLI::App app("Moves an ensemble from Apache's servers to Quoll's", "quoll migrate");
  app.require_subcommand(1);
  std::string file;
  CLI::App* const checking = app.add_subcommand(
      "check",
      "says what would stop the replacement of this server: keys, directories, room on the disks, the clock, "
      "and the state and versions of the other members. Changes nothing. Exit code 1: something would");
  checking->add_option("ZOO_CFG", file, "the configuration of the server that is to be replaced")->required();
  std::vector<std::string> addresses;
  checking->add_option("HOST:PORT", addresses, "where each member serves clients; by default as the file says")
      ->check([](const std::string& text) {
        const std::size_t colon = text.rfind(':');
        const bool is_port = colon != std::string::npos && colon + 1 < text.size() && text.size() - colon <= 6 &&
                             text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
        return is_port ? std::string() : text + " has no port: write HOST:PORT";
      });
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return check(file, addresses);
}

}  // namespace quoll::apps
