// The network between simulated machines, and clients outside of them. Both ends of a connection are env::Connections.
// Bytes arrive after a latency, in pieces that the seed determines. A connection may be cut (both ends are told) or
// become silent (neither end is told); and each direction between two hosts may be interrupted. A machine sees the
// network through its NetworkFace and its Dialer.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "env/dialer.h"
#include "env/network.h"
#include "sim/host.h"
#include "sim/scheduler.h"

namespace quoll::sim {

// What happens to packets from one host to another.
struct Route {
  // silent: they are lost, and TCP sends them again, at longer and longer intervals, until the route is open.
  // refused: they are answered with a reset (or a firewall's refusal), which only the sender sees.
  enum class Passage { open, silent, refused } passage = Passage::open;
  std::int64_t more_latency_us = 0;  // up to this much is added to the network's latency
  std::uint64_t lost_per_mille = 0;  // if more than the network's
};

class Network {
 public:
  explicit Network(Scheduler& scheduler) : scheduler_(scheduler) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // A machine, which is known by a name and an address. `loop` must live as long as the network is used.
  Host& add_host(std::string name, std::string address, EventLoop& loop);
  // nullptr: no machine has this name or address. If there is only one machine, it has all names but those below
  // .invalid.
  [[nodiscard]] Host* find(std::string_view name);

  // Returns a client's end of a new connection to a port of a machine; the listener gets the other end after a latency.
  // Without a listener, on_closed is called. `handler` must outlive the connection. The client is outside of all
  // machines; `from_host` is its address.
  [[nodiscard]] std::unique_ptr<env::Connection> connect(std::string_view to, std::uint16_t port,
                                                         const std::string& from_host, env::ConnectionHandler& handler);
  // The same, to the first machine.
  [[nodiscard]] std::unique_ptr<env::Connection> connect(std::uint16_t port, const std::string& from_host,
                                                         env::ConnectionHandler& handler);
  // The same for a connection of a process: on_connected follows when a listener has it, on_closed when there is none
  // or when `timeout_ms` have passed.
  [[nodiscard]] std::unique_ptr<env::Connection> dial(Host& from, const env::DialOptions& options,
                                                      env::DialHandler& handler);
  [[nodiscard]] std::expected<std::unique_ptr<env::Listener>, std::string> listen(Host& host,
                                                                                  const env::ListenOptions& options,
                                                                                  env::Acceptor on_accept);
  // On the first machine.
  [[nodiscard]] std::expected<std::unique_ptr<env::Listener>, std::string> listen(const env::ListenOptions& options,
                                                                                  env::Acceptor on_accept) {
    return listen(*hosts_.front(), options, std::move(on_accept));
  }

  // From one host to another, in this direction only. Hosts are the addresses of clients and the names of machines.
  [[nodiscard]] Route& route(const std::string& from, const std::string& to) { return routes_[{from, to}]; }
  void reset_routes() { routes_.clear(); }
  // Resets all connections between two hosts.
  void cut_links(const std::string& one, const std::string& other);

  // The machine's power fails. Nothing leaves it any more, and what is sent to it is lost; whoever sends something
  // after power_on() is told that the connection is gone.
  static void power_off(Host& host) { host.has_power = false; }
  static void power_on(Host& host);

  // Both ends are told that the connection is closed; bytes in flight are lost.
  static void cut(const env::Connection& end);
  // This end sends nothing more, but still reads.
  static void finish(const env::Connection& end);
  // Nothing is delivered any more in either direction, and neither end is told, as with an unplugged cable.
  static void silence(const env::Connection& end);

  std::int64_t latency_us_min = 20;
  std::int64_t latency_us_max = 500;
  // So many of 1000 deliveries wait until TCP has sent a lost packet again. Above TCP, lost, duplicated and reordered
  // packets appear only as such delays.
  std::uint64_t lost_per_mille = 0;
  // Nothing that is dialled here is answered or refused.
  std::set<std::uint16_t> silent_ports;
  // How many bytes a socket accepts before send() must queue.
  std::size_t window_bytes = std::size_t{256} * 1024;
  // The number of sends by machines; each is one or more segments.
  std::int64_t server_sends = 0;
  std::int64_t server_bytes = 0;

 private:
  friend class Link;
  class Port;
  [[nodiscard]] std::int64_t draw_latency_us(const Route& route);
  [[nodiscard]] const Route& route_of(const std::string& from, const std::string& to) const;
  // Sends the first packet of a connection, again and again while nothing answers.
  void knock(const std::shared_ptr<Link>& link, std::int64_t again_us);
  // It has arrived.
  void answer(const std::shared_ptr<Link>& link);
  void fail_later(const std::shared_ptr<Link>& link, std::int64_t delay_us, std::string why);
  [[nodiscard]] std::shared_ptr<Link> make_link(Host* to, const env::Address& asked);
  static void accept(Door& door, const std::shared_ptr<Link>& link);

  Scheduler& scheduler_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::map<std::pair<std::string, std::string>, Route> routes_;
  static constexpr std::size_t kLinksTidiedMin = 1000;
  std::vector<std::weak_ptr<Link>> links_;
  std::size_t tidy_links_at_ = kLinksTidiedMin;  // with so many, those that have ended are removed
  std::uint16_t next_client_port_ = 40000;
};

// The network as the process of one machine sees it.
class NetworkFace : public env::Network {
 public:
  NetworkFace(sim::Network& network, Host& host) : network_(network), host_(host) {}
  [[nodiscard]] std::expected<std::unique_ptr<env::Listener>, std::string> listen(const env::ListenOptions& options,
                                                                                  env::Acceptor on_accept) override {
    return network_.listen(host_, options, std::move(on_accept));
  }
  [[nodiscard]] std::size_t queued_bytes() const override { return *host_.queued_bytes; }

 private:
  sim::Network& network_;
  Host& host_;
};

}  // namespace quoll::sim
