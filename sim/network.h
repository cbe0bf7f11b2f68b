// A network in memory: both ends of a connection are env::Connections. Bytes arrive after a latency, in pieces that the
// seed determines. A connection may be cut (both ends are told) or become silent (neither end is told).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "env/network.h"
#include "sim/scheduler.h"

namespace quoll::sim {

class Link;

class Network : public env::Network {
 public:
  explicit Network(Scheduler& scheduler) : scheduler_(scheduler) {}

  [[nodiscard]] std::expected<std::unique_ptr<env::Listener>, std::string> listen(const env::ListenOptions& options,
                                                                                  env::Acceptor on_accept) override;
  // The sum over the servers' ends; clients' ends have no limit.
  [[nodiscard]] std::size_t queued_bytes() const override { return *queued_bytes_; }

  // Returns a client's end of a new connection to `port`; the listener gets the other end after a latency. Without a
  // listener, on_closed is called. `handler` must outlive the connection.
  [[nodiscard]] std::unique_ptr<env::Connection> connect(std::uint16_t port, const std::string& from_host,
                                                         env::ConnectionHandler& handler);
  // Both ends are told that the connection is closed; bytes in flight are lost.
  void cut(const env::Connection& end);
  // This end sends nothing more, but still reads.
  void finish(const env::Connection& end);
  // Nothing is delivered any more in either direction, and neither end is told, as with an unplugged cable.
  void silence(const env::Connection& end);

  std::int64_t latency_us_min = 20;
  std::int64_t latency_us_max = 500;
  // So many of 1000 deliveries wait until TCP has sent a lost packet again. Above TCP, lost, duplicated and reordered
  // packets appear only as such delays.
  std::uint64_t lost_per_mille = 0;
  // How many bytes a socket accepts before send() must queue.
  std::size_t window_bytes = std::size_t{256} * 1024;
  // The number of sends by servers; each is one or more segments.
  std::int64_t server_sends = 0;
  std::int64_t server_bytes = 0;

 private:
  friend class Link;
  class Port;
  struct Door;
  [[nodiscard]] std::int64_t draw_latency_us();
  void give_to_listener(const std::shared_ptr<Link>& link, std::uint16_t port);
  static void accept(Door& door, const std::shared_ptr<Link>& link);

  Scheduler& scheduler_;
  std::map<std::uint16_t, std::weak_ptr<Door>> ports_;
  std::uint16_t next_client_port_ = 40000;
  std::shared_ptr<std::size_t> queued_bytes_ =
      std::make_shared<std::size_t>(0);  // shared, because links may outlive the network
};

}  // namespace quoll::sim
