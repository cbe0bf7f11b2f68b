// The end of an ensemble's history: all faults end, the members must agree and the clients be answered; then the power
// fails everywhere, and all sessions must expire.
#include <algorithm>
#include <fmt/format.h>

#include "sim/ensemble/ensemble_trial.h"
#include "sim/trial/judge.h"

namespace quoll::sim {

namespace {

// An election with two attempts, a synchronisation, and TCP's slow repetitions after a partition.
constexpr std::int64_t kRestMsMax = 60'000;
constexpr const char* kConfiguration = "/zookeeper/config";

ServerState state_of(server::Server& server, std::string when) {
  ServerState result;
  result.when = std::move(when);
  const machine::State& state = server.core().state;
  result.zxid = state.last_processed.value();
  result.sessions.insert(state.sessions.begin(), state.sessions.end());
  for (tree::NodeId id = tree::kRoot; id != tree::kNoNode; id = state.tree.next_depth_first(id)) {
    const tree::Node& node = state.tree.node(id);
    result.nodes[state.tree.path_of(id)] =
        NaiveTree::Node{node.data().str(), state.tree.acl_of(id).entries(), node.stat};
  }
  // Each member writes the configuration by itself, with its own time and no transaction; the model knows nothing of
  // it.
  NaiveTree::Node& configuration = result.nodes[kConfiguration];
  configuration.data.clear();
  configuration.stat = {.aversion = -1};
  return result;
}

}  // namespace

void EnsembleTrial::heal() {
  is_healed_ = true;
  simulation_.network.reset_routes();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Machine& machine = members_[i]->machine;
    machine.loop.open();
    machine.workers.go_on();
    machine.workers.latency_us_max = 2000;
    machine.disk.clear_faults();
    if (members_[i]->is_running() && !machine.process_disk.is_dead()) machine.process_disk.revive();
    if (!members_[i]->is_running()) restart_later(i);
  }
}

bool EnsembleTrial::agree() {
  int leaders = 0;
  for (const auto& member : members_) {
    if (!member->is_serving()) return false;
    leaders += member->is_leading() ? 1 : 0;
    const machine::State& one = members_.front()->server().core().state;
    const machine::State& other = member->server().core().state;
    if (one.last_processed != other.last_processed || one.tree.digest() != other.tree.digest()) return false;
  }
  return leaders == 1;
}

bool EnsembleTrial::come_to_rest(const std::string& when) {
  const auto rest = [&] {
    return agree() && std::ranges::all_of(actors_, [](const auto& actor) { return actor->is_idle(); });
  };
  bool rested = simulation_.run_until(rest, kRestMsMax);
  for (const auto& actor : actors_) actor->ping();
  rested = rested && simulation_.run_until(rest, kRestMsMax);
  if (rested) {
    note_states(when);
    return true;
  }
  std::string stuck;
  for (const auto& member : members_)
    stuck += fmt::format(" {} {} at {:x};", member->name(),
                         member->is_leading()   ? "leads"
                         : member->is_serving() ? "serves"
                         : member->is_running() ? "looks"
                                                : "is down",
                         member->is_running() ? member->zxid() : 0);
  for (std::size_t i = 0; i < actors_.size(); ++i) {
    if (!actors_[i]->is_idle()) stuck += fmt::format(" client {} waits;", i);
  }
  findings_.push_back("VL1 liveness: after all faults had ended, the ensemble did not come to rest:" + stuck);
  return false;
}

void EnsembleTrial::note_states(const std::string& when) {
  for (const auto& member : members_) {
    const tree::Tree& tree = member->server().core().state.tree;
    tree.check_invariants();
    const tree::NodeId configuration = tree.find(kConfiguration);
    if (configuration == tree::kNoNode || tree.node(configuration).data().str() != member->options().ensemble->text)
      findings_.push_back(fmt::format("VC9 state: {} {} does not have the configuration", member->name(), when));
    record_.states.push_back(state_of(member->server(), member->name() + " " + when));
  }
}

void EnsembleTrial::end_with_a_cut() {
  for (const auto& actor : actors_) actor->leave();
  disturb(0);
  for (std::size_t i = 0; i < members_.size(); ++i) {
    watched_[i].ending = plan_.clients.seed % 2 == 0 ? Machine::Ending::power_cut : Machine::Ending::power_cut_torn;
    members_[i]->machine.process_disk.die();
  }
  simulation_.scheduler.after(0, [] {});
  simulation_.run_for(10);
  if (!simulation_.run_until([&] { return agree(); }, kRestMsMax)) {
    findings_.push_back("VL1 liveness: the members do not agree after the last power cut");
    return;
  }
  let_all_expire();
}

// VL2: in the end there are no sessions, ephemerals, connections, watches or requests.
void EnsembleTrial::let_all_expire() {
  const auto left = [](server::Server& server) {
    server::Core& core = server.core();
    core.in_flight.refresh();
    return std::vector<std::pair<std::string_view, std::int64_t>>{
        {"sessions", core.state.sessions.size()},
        {"ephemerals", core.state.tree.ephemerals_count()},
        {"connections", server.connections().size()},
        {"watches", core.state.watch_count()},
        {"requests", server.requests().in_progress()},
        {"bytes of requests", server.requests().bytes()},
        {"outstanding changes", core.preparer.outstanding().size()},
    };
  };
  const auto is_empty = [&](server::Server& server) {
    return std::ranges::all_of(left(server), [](const auto& each) { return each.second == 0; });
  };
  const std::int64_t longest_ms =
      std::max(members_.front()->options().max_session_timeout_ms, members_.front()->options().limits.sessionless_ms);
  simulation_.run_until(
      [&] {
        return agree() && std::ranges::all_of(members_, [&](const auto& each) { return is_empty(each->server()); });
      },
      2 * longest_ms + 4 * plan_.tick_ms + 2000);
  for (const auto& member : members_) {
    if (!member->is_serving()) {
      findings_.push_back("VL1 liveness: " + member->name() + " does not serve at the end");
      continue;
    }
    for (const auto& [what, count] : left(member->server())) {
      if (count != 0)
        findings_.push_back(fmt::format("VL2 baseline: {} {} are left at the end at {}", count, what, member->name()));
    }
  }
  if (agree()) note_states("at the end");
}

// Real time: what a client was shown had been decided by then, and its view never went back, whichever member it asked.
void EnsembleTrial::judge_record() {
  findings_.insert(findings_.end(), chronicle_.findings.begin(), chronicle_.findings.end());
  for (const auto& [zxid, entry] : chronicle_.entries()) {
    record_.log.add(zxid, entry.txn);
    record_.applied_us[zxid] = entry.at_us;
  }
  for (const auto& actor : actors_) {
    for (const auto& conversation : actor->conversations()) record_.conversations.push_back(conversation.get());
  }
  // What comes after a broken history says nothing.
  if (!findings_.empty()) return;
  for (const Conversation* const conversation : record_.conversations) {
    for (const Arrival& arrival : conversation->arrivals) {
      if (arrival.zxid <= 0) continue;
      const auto at = chronicle_.entries().find(arrival.zxid);
      if (at != chronicle_.entries().end() && arrival.at_us < at->second.at_us)
        findings_.push_back(fmt::format("VC1 order: client {} sees zxid {:x} before any member has applied it",
                                        conversation->client, arrival.zxid));
      if (arrival.zxid < conversation->asked_zxid)
        findings_.push_back(fmt::format("VC3 monotone view: client {} has seen zxid {:x}, and now sees {:x}",
                                        conversation->client, conversation->asked_zxid, arrival.zxid));
      if (!findings_.empty()) return;
    }
  }
  const Findings judged = judge(record_);
  findings_.insert(findings_.end(), judged.begin(), judged.end());
}

}  // namespace quoll::sim
