// A network in memory: both ends of a connection are env::Connections. Bytes arrive after a latency, in slices that the
// seed draws; a connection may be cut (both ends hear of it) or go silent (nobody does).
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
  // Of the server's ends; a client's has no limit.
  [[nodiscard]] std::size_t queued_bytes() const override { return *queued_bytes_; }

  // A client's end of a new connection to `port`; the other end is given to the listener after a latency. Nobody
  // listens: on_closed comes instead. `handler` outlives the connection.
  [[nodiscard]] std::unique_ptr<env::Connection> connect(std::uint16_t port, const std::string& from_host,
                                                         env::ConnectionHandler& handler);
  // Both ends hear that the connection is gone; what was under way is lost.
  void cut(const env::Connection& end);
  // This end sends nothing more, and reads on.
  void finish(const env::Connection& end);
  // Nothing passes any more, in either direction, and nobody is told: a pulled cable.
  void silence(const env::Connection& end);

  std::int64_t latency_us_min = 20;
  std::int64_t latency_us_max = 500;
  // Of a thousand deliveries so many wait for TCP to send a lost packet again. Loss, doubled packets and packets out of
  // order are seen above TCP as nothing but such delays.
  std::uint64_t lost_per_mille = 0;
  // What a socket takes before send() must queue.
  std::size_t window_bytes = 256 * 1024;
  // How often servers have sent something: each is a segment, or several.
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
  std::shared_ptr<std::size_t> queued_bytes_ = std::make_shared<std::size_t>(0);  // links may live longer
};

}  // namespace quoll::sim
