#include "sim/network.h"

#include <fmt/format.h>

#include "sim/link.h"

namespace quoll::sim {

// What is known of a port while somebody listens.
struct Network::Door {
  env::Acceptor acceptor;
  bool is_accepting = false;
  std::vector<std::shared_ptr<Link>> waiting;
};

class Network::Port : public env::Listener {
 public:
  Port(env::Address address, std::shared_ptr<Door> door) : address_(std::move(address)), door_(std::move(door)) {}
  ~Port() override {
    for (const auto& link : door_->waiting) link->cut();
  }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  [[nodiscard]] const env::Address& local() const override { return address_; }
  void start_accepting() override {
    door_->is_accepting = true;
    for (const auto& link : std::exchange(door_->waiting, {})) accept(*door_, link);
  }

 private:
  env::Address address_;
  std::shared_ptr<Door> door_;
};

std::expected<std::unique_ptr<env::Listener>, std::string> Network::listen(const env::ListenOptions& options,
                                                                           env::Acceptor on_accept) {
  auto& port = ports_[options.port];
  if (!port.expired())
    return std::unexpected(fmt::format("cannot listen on {}:{}: Address already in use", options.host, options.port));
  auto door = std::make_shared<Door>(Door{std::move(on_accept), false, {}});
  port = door;
  return std::make_unique<Port>(env::Address{options.host.empty() ? "0.0.0.0" : options.host, options.port},
                                std::move(door));
}

std::int64_t Network::draw_latency_us() {
  const auto spread = static_cast<std::uint64_t>(latency_us_max - latency_us_min + 1);
  std::int64_t latency_us = latency_us_min + static_cast<std::int64_t>(scheduler_.chance().below(spread));
  if (lost_per_mille == 0) return latency_us;
  // Like Linux: after 200 ms, then twice as long after each further loss.
  constexpr std::int64_t kFirstRepeatUs = 200'000;
  constexpr std::int64_t kLastRepeatUs = 3'200'000;
  for (std::int64_t wait_us = kFirstRepeatUs;
       wait_us <= kLastRepeatUs && scheduler_.chance().below(1000) < lost_per_mille; wait_us *= 2)
    latency_us += wait_us;
  return latency_us;
}

std::unique_ptr<env::Connection> Network::connect(std::uint16_t port, const std::string& from_host,
                                                  env::ConnectionHandler& handler) {
  auto link = std::make_shared<Link>(*this);
  link->end(Link::client).handler = &handler;
  link->end(Link::client).address = env::Address{from_host, next_client_port_++};
  link->end(Link::server).address = env::Address{"127.0.0.1", port};
  // Until the listener has accepted it, what the client sends waits.
  link->pause(Link::server);
  scheduler_.after(draw_latency_us(), [this, link, port] {
    scheduler_.process().pass(Gate::Kind::other, [this, link, port] { give_to_listener(link, port); });
  });
  return std::make_unique<LinkEnd>(link, Link::client);
}

void Network::give_to_listener(const std::shared_ptr<Link>& link, std::uint16_t port) {
  const auto at = ports_.find(port);
  const auto door = at == ports_.end() ? nullptr : at->second.lock();
  if (door == nullptr) return link->cut();
  if (door->is_accepting) return accept(*door, link);
  door->waiting.push_back(link);
}

void Network::accept(Door& door, const std::shared_ptr<Link>& link) {
  auto end = std::make_unique<LinkEnd>(link, Link::server);
  env::ConnectionHandler* const taken_by = door.acceptor(std::move(end));
  // If it was refused, destroying the end has closed it.
  if (taken_by != nullptr) link->resume(Link::server);
}

void Network::cut(const env::Connection& end) {
  static_cast<const LinkEnd&>(end).link().cut();
}
void Network::finish(const env::Connection& end) {
  static_cast<const LinkEnd&>(end).link().finish(static_cast<const LinkEnd&>(end).side());
}
void Network::silence(const env::Connection& end) {
  static_cast<const LinkEnd&>(end).link().silence();
}

}  // namespace quoll::sim
