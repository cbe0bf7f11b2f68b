#include "sim/network.h"

#include <fmt/format.h>

#include "sim/link.h"

namespace quoll::sim {

class Network::Port : public env::Listener {
 public:
  Port(env::Address address, env::Acceptor on_accept)
      : address_(std::move(address)), acceptor_(std::make_shared<env::Acceptor>(std::move(on_accept))) {}
  [[nodiscard]] const env::Address& local() const override { return address_; }
  [[nodiscard]] const std::shared_ptr<env::Acceptor>& acceptor() const { return acceptor_; }

 private:
  env::Address address_;
  std::shared_ptr<env::Acceptor> acceptor_;
};

std::expected<std::unique_ptr<env::Listener>, std::string> Network::listen(const env::ListenOptions& options,
                                                                           env::Acceptor on_accept) {
  auto& port = ports_[options.port];
  if (!port.expired())
    return std::unexpected(fmt::format("cannot listen on {}:{}: Address already in use", options.host, options.port));
  auto listener = std::make_unique<Port>(env::Address{options.host.empty() ? "0.0.0.0" : options.host, options.port},
                                         std::move(on_accept));
  port = listener->acceptor();
  return listener;
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
  const auto acceptor = at == ports_.end() ? nullptr : at->second.lock();
  if (acceptor == nullptr) return link->cut();
  auto end = std::make_unique<LinkEnd>(link, Link::server);
  env::ConnectionHandler* const taken_by = (*acceptor)(std::move(end));
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
