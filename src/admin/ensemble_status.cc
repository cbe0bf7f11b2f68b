#include "admin/ensemble_status.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

#include "admin/status.h"

namespace quoll::admin {

namespace {

using LeadingPhase = zab::Leading::Phase;
using LearningPhase = zab::Learning::Phase;

std::string_view phase_of(const zab::Leading& leading) {
  switch (leading.phase()) {
    case LeadingPhase::discovery:
    case LeadingPhase::promising:
      return "discovery";
    case LeadingPhase::synchronisation:
      return "synchronization";
    case LeadingPhase::broadcasting:
      return "broadcast";
  }
  return "";
}

std::string_view phase_of(const zab::Learning& learning) {
  switch (learning.phase()) {
    case LearningPhase::connecting:
    case LearningPhase::discovery:
      return "discovery";
    case LearningPhase::syncing:
    case LearningPhase::acknowledging:
    case LearningPhase::ready:
      return "synchronization";
    case LearningPhase::broadcasting:
      return "broadcast";
  }
  return "";
}

std::string_view role_word(zab::State state) {
  switch (state) {
    case zab::State::looking:
      return "looking";
    case zab::State::following:
      return "following";
    case zab::State::leading:
      return "leading";
    case zab::State::observing:
      return "observing";
  }
  return "";
}

std::string names(const auto& ids) {
  std::vector<std::int64_t> numbers;
  for (const ServerId id : ids) numbers.push_back(id.value());
  std::ranges::sort(numbers);
  return numbers.empty() ? "nobody" : fmt::format("{}", fmt::join(numbers, ", "));
}

std::string vote_text(const zab::Vote& vote) {
  if (vote == zab::Vote{}) return "nobody (an observer, or a server that can't trust its own log)";
  return fmt::format("server {} (zxid 0x{:x}, epoch {})", vote.leader.value(),
                     static_cast<std::uint64_t>(vote.zxid.value()), vote.epoch.value());
}

void add_looking(const zab::Looking& looking, std::vector<std::string>& lines) {
  if (!looking.why.empty()) lines.push_back("State: has no leader: " + looking.why);
  if (!looking.election) {
    lines.emplace_back("State: waits before it votes again, or for its disk");
    return;
  }
  const zab::Election& election = *looking.election;
  lines.push_back(fmt::format("State: votes in round {} for {}; so do: {}; not reachable: {}", election.round(),
                              vote_text(election.vote()), names(election.supporters()), names(election.unreachable())));
}

void add_leading(const zab::Peer& peer, const zab::Leading& leading, std::vector<std::string>& lines) {
  const std::vector<ServerId> serving = leading.up_to_date();
  std::set<ServerId> missing;
  for (const auto& [id, member] : peer.member().configuration.current->members()) missing.insert(id);
  missing.erase(peer.member().self);
  for (const ServerId id : serving) missing.erase(id);
  lines.push_back(fmt::format("State: leads epoch {}, {}; behind it: {}; missing: {}", leading.epoch().value(),
                              phase_of(leading), names(serving), names(missing)));
}

// The links of learners that have all of the history, by whether they vote.
std::int64_t count_up_to_date(const zab::Peer& peer, const zab::Leading& leading, bool votes) {
  return std::ranges::count_if(leading.up_to_date(),
                               [&](ServerId id) { return peer.member().configuration.is_voter(id) == votes; });
}

void add_leader_gauges(const server::Core& core, const zab::Leading& leading, MetricSink& metrics) {
  const server::ServerStats& stats = core.stats;
  metrics.gauge("learners", static_cast<std::int64_t>(leading.link_count()));
  metrics.gauge("synced_followers", count_up_to_date(*core.peer, leading, true));
  metrics.gauge("synced_non_voting_followers", 0);  // only a reconfiguration makes such
  metrics.gauge("synced_observers", count_up_to_date(*core.peer, leading, false));
  metrics.gauge("pending_syncs", 0);  // a sync waits behind the proposals before it like any other request
  metrics.gauge("leader_uptime", core.env.clock.elapsed_ms() - leading.began_ms());
  metrics.gauge("last_proposal_size", stats.proposal_bytes.last);
  metrics.gauge("max_proposal_size", stats.proposal_bytes.max);
  metrics.gauge("min_proposal_size", stats.proposal_bytes.min);
}

std::string ports(const server::EnsembleMember& member, std::uint16_t server::MemberPorts::* port) {
  std::vector<std::uint16_t> numbers;
  for (const server::MemberPorts& at : member.ports) numbers.push_back(at.*port);
  return fmt::format("{}", fmt::join(numbers, "|"));
}

}  // namespace

std::string_view mode_of(const server::Server& server) {
  const server::Core& core = server.core();
  if (!is_member(server)) return "standalone";
  switch (core.peer ? core.peer->state() : zab::State::looking) {
    case zab::State::looking:
      return "looking";
    case zab::State::following:
      return "follower";
    case zab::State::leading:
      return "leader";
    case zab::State::observing:
      return "observer";
  }
  return "";
}

std::string peer_state_of(const server::Server& server) {
  const auto& peer = server.core().peer;
  if (!peer) return "looking";
  const std::string_view role = role_word(peer->state());
  if (const zab::Leading* leading = server.core().leading()) return fmt::format("{} - {}", role, phase_of(*leading));
  if (const zab::Learning* learning = peer->learning()) return fmt::format("{} - {}", role, phase_of(*learning));
  return std::string(role);
}

void add_ensemble_gauges(const server::Server& server, MetricSink& metrics) {
  if (!is_member(server)) return;
  const server::Core& core = server.core();
  if (!core.peer) return;
  metrics.gauge("quorum_size", static_cast<std::int64_t>(core.peer->member().configuration.voters().size()));
  if (const zab::Leading* leading = core.leading()) {
    add_leader_gauges(core, *leading, metrics);
  } else if (const zab::Learning* learning = core.peer->learning();
             learning != nullptr && core.peer->state() == zab::State::observing) {
    metrics.gauge("observer_master_id", learning->leader().value());
  }
}

std::string membership_lines(const server::EnsembleOptions& ensemble) {
  const auto self = std::ranges::find(ensemble.members, ensemble.self,
                                      [](const server::EnsembleMember& one) { return one.member.id; });
  std::string out;
  const auto line = [&](std::string_view key, const auto& value) { out += fmt::format("{}={}\n", key, value); };
  line("initLimit", ensemble.times.init_ticks);
  line("syncLimit", ensemble.times.sync_ticks);
  line("electionAlg", 3);
  if (self != ensemble.members.end()) {
    line("electionPort", ports(*self, &server::MemberPorts::election_port));
    line("quorumPort", ports(*self, &server::MemberPorts::quorum_port));
    line("peerType", self->member.is_voter ? 0 : 1);
  }
  return out + "membership: \n" + ensemble.text;
}

std::vector<std::string> ensemble_state(const server::Server& server) {
  std::vector<std::string> lines;
  const server::Core& core = server.core();
  if (!is_member(server) || !core.peer) return lines;
  if (const zab::Looking* looking = core.peer->looking()) {
    add_looking(*looking, lines);
  } else if (const zab::Learning* learning = core.peer->learning()) {
    lines.push_back(fmt::format("State: {} server {} in epoch {}, {}", role_word(core.peer->state()),
                                learning->leader().value(), learning->epoch().value(), phase_of(*learning)));
  } else if (const zab::Leading* leading = core.leading()) {
    add_leading(*core.peer, *leading, lines);
  } else {
    lines.emplace_back("State: was elected, and waits for a quorum to follow it");
  }
  return lines;
}

}  // namespace quoll::admin
