#include "quorum/election_mesh.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/check.h"

namespace quoll::quorum {

namespace {

std::string election_address(const PortPair& port) {
  return port.host.contains(':') ? fmt::format("[{}]:{}", port.host, port.election_port)
                                 : fmt::format("{}:{}", port.host, port.election_port);
}

std::string hello_of(const Options& options) {
  const auto self = options.members.find(options.self);
  QUOLL_CHECK(self != options.members.end() && !self->second.addresses.empty(), "a server knows its own address");
  std::string hello;
  wire::append_election_hello({options.self.value(), election_address(self->second.addresses.front())}, hello);
  return hello;
}

bool has_address(const MemberPorts& member, std::string_view address) {
  return std::ranges::any_of(member.addresses, [&](const PortPair& port) { return election_address(port) == address; });
}

}  // namespace

ElectionMesh::ElectionMesh(env::Env& env, const Options& options, Tell tell)
    : env_(env),
      options_(options),
      events_(env.timers, std::move(tell)),
      greetings_(env, options_, [this](Greetings::Guest guest) { on_hello(std::move(guest)); }) {
  const std::string hello = hello_of(options_);
  for (const auto& [id, ports] : options_.members) {
    QUOLL_CHECK(!ports.addresses.empty(), "every member has an address");
    if (id != options_.self) peers_.emplace(id, std::make_unique<MeshPeer>(env, options_, id, hello, events_));
  }
}

std::expected<void, std::string> ElectionMesh::bind() {
  return listeners_.bind(
      env_.network, options_, &PortPair::election_port, options_.election_unconfirmed_ms_max,
      [this](std::unique_ptr<env::Connection> connection) { return greetings_.accept(std::move(connection)); });
}

void ElectionMesh::send(ServerId to, const zab::Notification& notification) {
  if (const auto at = peers_.find(to); at != peers_.end()) at->second->send(notification);
}

// Empty: there is none.
std::string ElectionMesh::objection_to(const wire::ElectionHello& hello) const {
  const ServerId id{hello.server_id};
  if (id == options_.self)
    return fmt::format("it says that it is server {}, which is this server. Check the file myid of both", id.value());
  const auto named = options_.members.find(id);
  if (named == options_.members.end()) {
    return fmt::format(
        "it says that it is server {}, which is no member of the ensemble. Check server.{} in the "
        "configuration of this server",
        id.value(), id.value());
  }
  // Servers tell an address that is in nobody's configuration, too: where a name is configured, Apache's tell what it
  // resolves to.
  const bool is_own = hello.addresses.empty() || has_address(named->second, hello.addresses);
  for (const auto& [other, ports] : options_.members) {
    if (!is_own && has_address(ports, hello.addresses)) {
      return fmt::format("it says that it is server {}, but its address {} is that of server {}. Check its file myid",
                         id.value(), hello.addresses, other.value());
    }
  }
  return {};
}

void ElectionMesh::on_hello(Greetings::Guest guest) {
  if (const std::string objection = objection_to(guest.hello); !objection.empty()) {
    env_.log.warn("Refused the election connection of {}: {}", guest.host, objection);
    return;
  }
  const ServerId id{guest.hello.server_id};
  MeshPeer& peer = *peers_.at(id);
  if (id > options_.self) {
    if (guest.connection != nullptr) peer.adopt(std::move(guest.connection), guest.rest);
    return;
  }
  // The other server waits for the last word of SASL before it closes its end.
  if (guest.connection != nullptr) guest.connection->close_after_sending();
  guest.connection.reset();
  peer.call_back();
}

std::vector<ElectionMesh::PeerStatus> ElectionMesh::status() const {
  std::vector<PeerStatus> all;
  all.reserve(peers_.size());
  for (const auto& [id, peer] : peers_)
    all.push_back({id, peer->state(), peer->reach(), peer->address(), peer->last_error()});
  return all;
}

}  // namespace quoll::quorum
