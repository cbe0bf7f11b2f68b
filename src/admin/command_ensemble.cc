// leader, observers, voting_view, zabstate: the server's part in its ensemble.
#include <algorithm>
#include <fmt/format.h>

#include "admin/command.h"
#include "admin/ensemble_status.h"
#include "admin/java_text.h"
#include "admin/status.h"

namespace quoll::admin {

namespace {

using Port = std::uint16_t server::MemberPorts::*;

bool has_role(const server::Server& server) {
  const auto& peer = server.core().peer;
  return is_member(server) && peer && peer->state() != zab::State::looking;
}

std::optional<ServerId> leader_of(const server::Core& core) {
  if (core.leading() != nullptr) return core.peer->member().self;
  if (const zab::Learning* const learning = core.peer->learning()) return learning->leader();
  return std::nullopt;
}

const server::EnsembleMember* find_member(const server::EnsembleOptions& ensemble, ServerId id) {
  const auto at =
      std::ranges::find(ensemble.members, id, [](const server::EnsembleMember& one) { return one.member.id; });
  return at == ensemble.members.end() ? nullptr : &*at;
}

std::string host_and_port(const server::MemberPorts& at, Port port) {
  return java_address({at.host, at.*port}).substr(1);
}

void write_addresses(JsonText& json, std::string_view key, const std::vector<server::MemberPorts>& all, Port port) {
  json.key(key);
  json.begin_array();
  for (const server::MemberPorts& at : all) json.value(host_and_port(at, port));
  json.end_array();
}

// The getters of org.apache.zookeeper.server.quorum.MultipleAddresses. This server does not try which addresses can be
// reached, as Apache's does for this answer: all count as reachable.
void write_multiple(JsonText& json, std::string_view key, const server::EnsembleMember& member, Port port) {
  const auto& all = member.ports;
  const std::string first = all.empty() ? std::string() : host_and_port(all.front(), port);
  json.key(key);
  json.begin_object();
  json.field("empty", all.empty());
  write_addresses(json, "all_addresses", all, port);
  json.key("wildcard_addresses");
  json.begin_array();
  for (const server::MemberPorts& at : all) json.value(fmt::format("0.0.0.0:{}", at.*port));
  json.end_array();
  json.key("all_ports");
  json.begin_array();
  for (const server::MemberPorts& at : all) json.value(std::int64_t{at.*port});
  json.end_array();
  json.key("all_host_strings");
  json.begin_array();
  for (const server::MemberPorts& at : all) json.value(at.host);
  json.end_array();
  json.field("reachable_address", first);
  write_addresses(json, "all_reachable_addresses", all, port);
  write_addresses(json, "all_reachable_addresses_or_all", all, port);
  json.field("reachable_or_one", first);
  json.field("one", first);
  json.end_object();
}

// "0.0.0.0:2181" from "server.1=a:2888:3888:participant;0.0.0.0:2181"; "" if the line names no client port.
std::string client_address_of(const server::EnsembleOptions& ensemble, ServerId id) {
  const std::string start = fmt::format("server.{}=", id.value());
  const std::string_view text = ensemble.text;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t semicolon = line.find(';');
    if (!line.starts_with(start) || semicolon == std::string_view::npos) continue;
    const std::string_view address = line.substr(semicolon + 1);
    return address.contains(':') ? std::string(address) : fmt::format("0.0.0.0:{}", address);
  }
  return {};
}

void write_observer(const server::Server& server, const zab::Leading::LearnerView& learner, JsonText& json) {
  const env::Address peer = server.learner_address(learner.link);
  json.begin_object();
  json.field("remote_socket_address", java_address(peer));
  json.field("sid", learner.id.value());
  json.field("established", -1);  // these five are not counted
  json.field("queued_packets", -1);
  json.field("queued_packets_size", server.learner_queued_bytes(learner.link));
  json.field("packets_received", -1);
  json.field("packets_sent", -1);
  json.field("requests", -1);
  json.field("last_zxid", learner.acknowledged.value());
  json.end_object();
}

}  // namespace

void command_leader(const CommandQuestion& question, JsonText& json) {
  const server::Core& core = question.about.server.core();
  if (!has_role(question.about.server)) return json.field("error", "server is not initialized");
  const std::optional<ServerId> leader = leader_of(core);
  json.field("is_leader", core.leading() != nullptr);
  json.field("leader_id", leader ? leader->value() : -1);
  const server::EnsembleMember* const member = leader ? find_member(*core.options.ensemble, *leader) : nullptr;
  std::string hosts;
  if (member != nullptr) {
    for (const server::MemberPorts& at : member->ports) hosts += (hosts.empty() ? "" : "|") + at.host;
  }
  json.field("leader_ip", hosts);
}

void command_observers(const CommandQuestion& question, JsonText& json) {
  const server::Server& server = question.about.server;
  std::vector<zab::Leading::LearnerView> observers;
  if (const zab::Leading* const leading = server.core().leading(); leading != nullptr && is_member(server)) {
    for (const auto& learner : leading->learners())
      if (!learner.votes && learner.is_up_to_date) observers.push_back(learner);
  }
  json.field("synced_observers", observers.size());
  json.key("observers");
  json.begin_array();
  for (const auto& learner : observers) write_observer(server, learner, json);
  json.end_array();
}

// Observers connect to the leader, and their packets are not counted there.
void command_observer_connection_stat_reset(const CommandQuestion&, JsonText&) {}

void command_voting_view(const CommandQuestion& question, JsonText& json) {
  const auto& ensemble = question.about.server.core().options.ensemble;
  json.key("current_config");
  json.begin_object();
  for (std::size_t i = 0; ensemble && i < ensemble->members.size(); ++i) {
    const server::EnsembleMember& each = ensemble->members[i];
    if (!each.member.is_voter) continue;
    json.key(fmt::format("{}", each.member.id.value()));
    json.begin_object();
    write_addresses(json, "server_addresses", each.ports, &server::MemberPorts::quorum_port);
    write_addresses(json, "election_addresses", each.ports, &server::MemberPorts::election_port);
    json.field("client_address", client_address_of(*ensemble, each.member.id));
    json.field("learner_type", "participant");
    json.end_object();
  }
  json.end_object();
}

void command_zabstate(const CommandQuestion& question, JsonText& json) {
  const server::Server& server = question.about.server;
  const server::Core& core = server.core();
  const server::EnsembleMember* const self =
      has_role(server) ? find_member(*core.options.ensemble, core.options.ensemble->self) : nullptr;
  if (self == nullptr) {
    json.field("voting", false);
    json.field("zabstate", "");
    return;
  }
  const std::uint64_t zxid = static_cast<std::uint64_t>(core.zxid());
  json.field("myid", self->member.id.value());
  json.field("is_leader", core.leading() != nullptr);
  write_multiple(json, "quorum_address", *self, &server::MemberPorts::quorum_port);
  write_multiple(json, "election_address", *self, &server::MemberPorts::election_port);
  json.field("client_address", client_address_of(*core.options.ensemble, self->member.id));
  json.field("voting", self->member.is_voter);
  json.field("last_zxid", fmt::format("0x{:x}", zxid));
  json.field("zab_epoch", static_cast<std::int64_t>(zxid >> 32));
  json.field("zab_counter", static_cast<std::int64_t>(zxid & 0xffffffff));
  const std::string state = peer_state_of(server);
  const std::size_t dash = state.find(" - ");
  json.field("zabstate", dash == std::string::npos ? std::string("election") : state.substr(dash + 3));
}

}  // namespace quoll::admin
