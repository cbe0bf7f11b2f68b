#include "apps/ensemble_report.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <set>

#include "apps/word_answer.h"
#include "base/utf8.h"

namespace quoll::apps {

namespace {

// Between the answers of two servers a busy ensemble writes on.
constexpr std::int64_t kLagWorthAWord = 1000;
constexpr std::int64_t kOutstandingWorthAWord = 1000;
constexpr std::int64_t kDiskWorthAWord = std::int64_t{1} << 30;
constexpr std::int64_t kDescriptorsPercentWorthAWord = 85;

std::int64_t epoch_of(std::int64_t zxid) {
  return zxid >> 32;
}

// "3.9.5-<commit>, built on ..." or "3.9.5-quoll-0.1.0, built on ...".
std::string version_of(std::string_view srvr) {
  const std::string_view text = line_of(srvr, "Zookeeper version: ").value_or("");
  const std::string_view whole = text.substr(0, text.find(','));
  constexpr std::string_view kMark = "-quoll-";
  if (const std::size_t at = whole.find(kMark); at != std::string_view::npos)
    return fmt::format("quoll {}", whole.substr(at + kMark.size()));
  return std::string(whole.substr(0, whole.find('-')));
}

// In a page for Prometheus.
std::optional<std::int64_t> disk_free(const std::expected<std::string, std::string>& page) {
  std::optional<std::int64_t> least;
  if (!page) return least;
  for (const std::string_view holds : {"log", "snapshots"}) {
    const auto text = line_of(*page, fmt::format("quoll_disk_free_bytes{{holds=\"{}\"}} ", holds));
    if (!text) continue;
    const auto bytes = static_cast<std::int64_t>(std::strtod(std::string(*text).c_str(), nullptr));
    least = std::min(least.value_or(bytes), bytes);
  }
  return least;
}

ServerStatus status_of(const AskedServer& asked) {
  ServerStatus status;
  status.name = asked.name;
  if (!asked.srvr) {
    status.role = "down";
  } else if (says_not_serving(*asked.srvr)) {
    status.role = "not serving";
  } else {
    // For a terminal, whatever answers there.
    status.role = base::escaped(line_of(*asked.srvr, "Mode: ").value_or("unknown"));
    status.is_serving = status.role != "unknown";
    status.zxid = number_of(*asked.srvr, "Zxid: ", 16);
    status.connections = number_of(*asked.srvr, "Connections: ");
    status.outstanding = number_of(*asked.srvr, "Outstanding: ");
    status.znodes = number_of(*asked.srvr, "Node count: ");
    status.version = base::escaped(version_of(*asked.srvr));
  }
  status.disk_free_bytes = disk_free(asked.metrics);
  return status;
}

void fill_lags(std::vector<ServerStatus>& servers) {
  std::int64_t newest = 0;
  for (const ServerStatus& server : servers) newest = std::max(newest, server.zxid.value_or(0));
  for (ServerStatus& server : servers) {
    if (server.zxid && server.role != "standalone" && epoch_of(*server.zxid) == epoch_of(newest))
      server.lag = newest - *server.zxid;
  }
}

class FindingList {
 public:
  explicit FindingList(EnsembleReport& report) : report_(report) {}
  void add(std::string server, std::string what, std::string advice) {
    report_.findings.push_back({std::move(server), std::move(what), std::move(advice)});
  }

 private:
  EnsembleReport& report_;
};

// Whether it serves, and how.
void judge_service(const AskedServer& asked, const ServerStatus& status, FindingList& findings) {
  if (!asked.srvr) {
    findings.add(status.name, fmt::format("does not answer: {}", asked.srvr.error()),
                 "See whether its process and its machine run, and what the last line of its log says");
  } else if (status.role == "not serving") {
    findings.add(status.name, "runs, but does not serve",
                 "It finds no leader or has not got the data yet. kill -QUIT writes what it waits for to its log");
  } else if (is_refused_word(*asked.srvr)) {
    findings.add(status.name, "does not tell its state", "Add srvr and mntr to its 4lw.commands.whitelist");
  } else if (status.role == "unknown") {
    findings.add(status.name, "answers, but not as a ZooKeeper server", "Is that the client port?");
  } else if (status.role == "read-only") {
    findings.add(status.name, "serves reads only", "It has lost the majority; see the other servers");
  } else if (!asked.mntr || is_refused_word(*asked.mntr)) {
    findings.add(status.name, "does not tell how it is (mntr)", "Add mntr to its 4lw.commands.whitelist");
  }
}

// Numbers that are too high or too low.
void judge_numbers(const AskedServer& asked, const ServerStatus& status, FindingList& findings) {
  const std::string_view mntr = asked.mntr ? std::string_view(*asked.mntr) : std::string_view();
  if (status.lag.value_or(0) > kLagWorthAWord)
    findings.add(status.name, fmt::format("is {} transactions behind", *status.lag),
                 "Its disk, network or processor is slower than the others'");
  if (status.outstanding.value_or(0) > kOutstandingWorthAWord)
    findings.add(status.name, fmt::format("has {} requests under way", *status.outstanding),
                 "Its disk or the leader is too slow for what clients ask; see quoll_log_flush_seconds");
  if (number_of(mntr, "zk_quoll_disk_full\t").value_or(0) > 0) {
    findings.add(status.name, "refuses writes, because its disk is full", "Free space; nothing else is needed");
  } else if (number_of(mntr, "zk_quoll_disk_low\t").value_or(0) > 0) {
    findings.add(status.name, "takes no snapshots, because its disk is nearly full", "Free space");
  } else if (status.disk_free_bytes && *status.disk_free_bytes < kDiskWorthAWord) {
    findings.add(status.name, fmt::format("has {} MiB left on its disk", *status.disk_free_bytes >> 20),
                 "Free space before writes must be refused. Is autopurge.purgeInterval set?");
  }
  const auto open = number_of(mntr, "zk_open_file_descriptor_count\t");
  const auto most = number_of(mntr, "zk_max_file_descriptor_count\t");
  if (open && most.value_or(0) > 0 && *open * 100 / *most >= kDescriptorsPercentWorthAWord)
    findings.add(status.name, fmt::format("has {} of at most {} files and connections open", *open, *most),
                 "Find the clients with many connections (cons), or raise the limit (LimitNOFILE, ulimit -n)");
  if (const auto differ = number_of(mntr, "zk_digest_mismatches_count\t").value_or(0); differ > 0)
    findings.add(status.name, fmt::format("has found {} times that its state is not the leader's", differ),
                 "See docs/operations.md, QuollTreesDiffer");
}

void judge_followers(const AskedServer& leader, const ServerStatus& status, FindingList& findings) {
  if (!leader.mntr) return;
  const auto synced = number_of(*leader.mntr, "zk_synced_followers\t");
  const auto voters = number_of(*leader.mntr, "zk_quorum_size\t");
  if (synced && voters && *synced + 1 < *voters)
    findings.add(status.name, fmt::format("leads {} of {} voters that have all data", *synced + 1, *voters),
                 *synced + 1 > *voters / 2 + 1 ? "Start the missing ones"
                                               : "One more lost, and nobody is served: start the missing ones first");
}

void judge_ensemble(const std::vector<ServerStatus>& servers, FindingList& findings) {
  const auto count = [&](std::string_view role) {
    return std::ranges::count_if(servers, [&](const ServerStatus& server) { return server.role == role; });
  };
  const auto serving = std::ranges::count_if(servers, [](const ServerStatus& server) { return server.is_serving; });
  const auto alone = count("standalone");
  if (alone > 0 && servers.size() > 1)
    findings.add("", fmt::format("{} of these servers run alone, each with data of its own", alone),
                 "Give each the same lines server.N=, and its number in the file myid (docs/ensemble.md)");
  if (count("leader") > 1)
    findings.add(
        "", "More than one of these servers leads",
        "They are of different ensembles, or one of them is about to notice that it has lost its lead: ask again");
  if (serving == 0) {
    findings.add("", "None of these servers serves",
                 "Clients wait until more than half of those that vote run and reach each other");
  } else if (alone == 0 && count("leader") == 0 && count("down") + count("not serving") == 0) {
    findings.add("", "None of these servers leads",
                 "Name all servers of the ensemble, or ask again: an election takes seconds");
  }
  std::set<std::string> versions;
  for (const ServerStatus& server : servers)
    if (!server.version.empty()) versions.insert(server.version);
  if (versions.size() > 1)
    findings.add("", fmt::format("The servers have {} versions", versions.size()),
                 "Finish the upgrade, or the migration");
}

}  // namespace

EnsembleReport report_on(const std::vector<AskedServer>& asked) {
  EnsembleReport report;
  for (const AskedServer& server : asked) report.servers.push_back(status_of(server));
  fill_lags(report.servers);
  FindingList findings(report);
  judge_ensemble(report.servers, findings);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const ServerStatus& status = report.servers[i];
    report.is_served = report.is_served || status.is_serving;
    judge_service(asked[i], status, findings);
    judge_numbers(asked[i], status, findings);
    if (status.role == "leader") judge_followers(asked[i], status, findings);
  }
  return report;
}

}  // namespace quoll::apps
