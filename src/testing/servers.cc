#include "testing/servers.h"

#include "base/check.h"

namespace quoll::testing {

Servers::Servers(sim::Simulation& simulation, int count) {
  for (int id = 1; id <= count; ++id) {
    members_.push_back({.member = {.id = ServerId{id}, .is_voter = true}, .ports = {{name_of(id), 2888, 3888}}});
    text_ += fmt::format("server.{}={}:2888:3888:participant\n", id, name_of(id));
    nodes_.try_emplace(id, simulation, id);
  }
  text_ += "version=0";
}

Servers::~Servers() {
  for (int id = 1; id <= count(); ++id) stop(id);
}

server::Options Servers::options_of(int id) const {
  server::Options options;
  options.client_ports = {{.host = "", .port = kClientPort}};
  options.tick_ms = 2000;
  options.min_session_timeout_ms = 2 * options.tick_ms;
  options.max_session_timeout_ms = 20 * options.tick_ms;
  options.session_server = ServerId{id};
  options.store.data_dir = options.store.data_log_dir = "/data";
  options.store.pre_alloc_kb = 64;
  options.rules.owner_rules.extended = true;  // TTL znodes
  options.ensemble = server::EnsembleOptions{.self = ServerId{id}, .members = members_, .text = text_};
  return options;
}

void Servers::start(int id) {
  Node& node = nodes_.at(id);
  if (node.server != nullptr) return;
  node.machine.begin_process();
  node.server = std::make_unique<server::Server>(
      node.machine.env(), options_of(id),
      [](server::ExitCode, std::string_view why) { QUOLL_CHECK(false, fmt::format("a server has ended: {}", why)); });
  const auto started = node.server->start();
  QUOLL_CHECK(started.has_value(), "a server of the fake ensemble starts");
}

void Servers::stop(int id) {
  Node& node = nodes_.at(id);
  if (node.server == nullptr) return;
  node.machine.end_process(sim::Machine::Ending::kill, [&node] { node.server.reset(); });
}

int Servers::leader() const {
  for (const auto& [id, node] : nodes_) {
    if (node.server != nullptr && node.server->is_serving() && node.server->core().role == server::Role::leader)
      return id;
  }
  return 0;
}

bool Servers::all_serve() const {
  for (const auto& [id, node] : nodes_) {
    if (node.server != nullptr && !node.server->is_serving()) return false;
  }
  return leader() != 0;
}

bool Servers::has_session(std::int64_t session) const {
  const int one = leader();
  return one != 0 && nodes_.at(one).server->core().state.sessions.contains(session);
}

}  // namespace quoll::testing
