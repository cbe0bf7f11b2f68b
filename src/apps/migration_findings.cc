#include "apps/migration_findings.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "apps/word_answer.h"

namespace quoll::apps {

namespace {

using Kind = MigrationFinding::Kind;

struct Version {
  int major = 0;
  int minor = 0;
};

std::optional<Version> version_of(std::string_view srvr) {
  const auto text = line_of(srvr, "Zookeeper version: ");
  if (!text) return std::nullopt;
  Version version;
  const char* const end = text->data() + text->size();
  const auto major = std::from_chars(text->data(), end, version.major);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
  return minor.ec == std::errc{} ? std::optional(version) : std::nullopt;
}

std::string_view mode_of(const AskedMember& member) {
  return member.srvr ? line_of(*member.srvr, "Mode: ").value_or("") : "";
}

void judge_version(const AskedMember& member, std::vector<MigrationFinding>& findings) {
  const auto version = version_of(*member.srvr);
  if (!version) {
    findings.push_back({Kind::doubt, member.name + " does not say its version"});
  } else if (version->major < 3 || (version->major == 3 && version->minor < 5)) {
    findings.push_back({Kind::obstacle, fmt::format("{} is version {}.{}: update all servers to 3.9 first", member.name,
                                                    version->major, version->minor)});
  } else if (version->major != 3 || version->minor != 9) {
    findings.push_back({Kind::doubt, fmt::format("{} is version {}.{}; best tested is 3.9", member.name, version->major,
                                                 version->minor)});
  }
}

// False: nothing more can be said about it.
bool judge_member(const AskedMember& member, std::vector<MigrationFinding>& findings) {
  if (!member.srvr) {
    findings.push_back({Kind::obstacle, fmt::format("{} does not answer: {}. While a server is missing, replacing "
                                                    "another one may stop the service: start it first",
                                                    member.name, member.srvr.error())});
    return false;
  }
  if (is_refused_word(*member.srvr)) {
    findings.push_back({Kind::doubt, fmt::format("{} refuses the word srvr, so its state is not known: set "
                                                 "4lw.commands.whitelist=srvr, mntr, or look at it yourself",
                                                 member.name)});
    return false;
  }
  if (says_not_serving(*member.srvr)) {
    findings.push_back(
        {Kind::obstacle, fmt::format("{} has no leader. Begin when all servers serve; its log says why", member.name)});
    return false;
  }
  judge_version(member, findings);
  const std::string_view mode = mode_of(member);
  findings.push_back({Kind::good, fmt::format("{} serves as {}", member.name, mode.empty() ? "?" : mode)});
  if (mode == "standalone") {
    findings.push_back({Kind::obstacle, fmt::format("{} runs alone: it does not use this list of servers. Compare its "
                                                    "configuration with this one",
                                                    member.name)});
  }
  return true;
}

void judge_leader(const AskedMember& leader, std::size_t voters, std::vector<MigrationFinding>& findings) {
  const auto synced = leader.mntr ? line_of(*leader.mntr, "zk_synced_followers\t") : std::nullopt;
  if (!synced) {
    findings.push_back({Kind::doubt, fmt::format("{} leads and does not say who follows it: add mntr to its "
                                                 "4lw.commands.whitelist, or look at its log",
                                                 leader.name)});
    return;
  }
  std::size_t count = 0;
  std::from_chars(synced->data(), synced->data() + synced->size(), count);
  if (count + 1 < voters) {
    findings.push_back({Kind::obstacle,
                        fmt::format("{} leads, and {} of {} other voters have all data: wait until zk_synced_followers "
                                    "in its mntr is {}",
                                    leader.name, count, voters - 1, voters - 1)});
  } else {
    findings.push_back({Kind::good, fmt::format("All {} voters have all data", voters)});
  }
}

}  // namespace

std::vector<MigrationFinding> judge_members(const std::vector<AskedMember>& members, std::size_t voters) {
  std::vector<MigrationFinding> findings;
  bool all_known = true;
  for (const AskedMember& member : members) all_known = judge_member(member, findings) && all_known;
  const auto leads = [](const AskedMember& member) { return mode_of(member) == "leader"; };
  const auto leader = std::ranges::find_if(members, leads);
  if (std::ranges::count_if(members, leads) > 1) {
    findings.push_back({Kind::obstacle,
                        "More than one server leads: they do not belong to one ensemble, or one of them is about to "
                        "notice that it has lost its lead. Compare the lists of servers of all"});
  } else if (leader != members.end()) {
    judge_leader(*leader, voters, findings);
  } else if (all_known) {
    findings.push_back({Kind::obstacle, "No server leads. Ask again; an election takes seconds"});
  }
  return findings;
}

}  // namespace quoll::apps
