#include "sim/network.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/link.h"

namespace quoll::sim {

namespace {

// Like Linux: a first packet is sent again after a second, then after twice as long.
constexpr std::int64_t kFirstKnockUs = 1'000'000;
constexpr std::int64_t kLastKnockUs = 8'000'000;

}  // namespace

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

Host& Network::add_host(std::string name, std::string address, EventLoop& loop) {
  hosts_.push_back(std::make_unique<Host>(std::move(name), std::move(address), loop));
  return *hosts_.back();
}

Host* Network::find(std::string_view name) {
  for (const auto& host : hosts_) {
    if (host->name == name || host->address == name) return host.get();
  }
  return hosts_.size() == 1 && !name.ends_with(".invalid") ? hosts_.front().get() : nullptr;
}

std::expected<std::unique_ptr<env::Listener>, std::string> Network::listen(Host& host,
                                                                           const env::ListenOptions& options,
                                                                           env::Acceptor on_accept) {
  auto& port = host.ports[options.port];
  if (!port.expired())
    return std::unexpected(fmt::format("cannot listen on {}:{}: Address already in use", options.host, options.port));
  auto door = std::make_shared<Door>(Door{std::move(on_accept), false, {}});
  port = door;
  return std::make_unique<Port>(env::Address{options.host.empty() ? "0.0.0.0" : options.host, options.port},
                                std::move(door));
}

const Route& Network::route_of(const std::string& from, const std::string& to) const {
  static const Route kOpen;
  const auto at = routes_.find({from, to});
  return at == routes_.end() ? kOpen : at->second;
}

std::int64_t Network::draw_latency_us(const Route& route) {
  const auto spread = static_cast<std::uint64_t>(latency_us_max + route.more_latency_us - latency_us_min + 1);
  std::int64_t latency_us = latency_us_min + static_cast<std::int64_t>(scheduler_.chance().below(spread));
  const std::uint64_t lost = std::max(lost_per_mille, route.lost_per_mille);
  if (lost == 0) return latency_us;
  // Like Linux: after 200 ms, then twice as long after each further loss.
  constexpr std::int64_t kFirstRepeatUs = 200'000;
  constexpr std::int64_t kLastRepeatUs = 3'200'000;
  for (std::int64_t wait_us = kFirstRepeatUs; wait_us <= kLastRepeatUs && scheduler_.chance().below(1000) < lost;
       wait_us *= 2)
    latency_us += wait_us;
  return latency_us;
}

std::shared_ptr<Link> Network::make_link(Host* to, const env::Address& asked) {
  auto link = std::make_shared<Link>(*this);
  link->end(Link::server).address = env::Address{asked.host, asked.port};
  if (to != nullptr) link->place(Link::server, *to);
  // Until the listener has accepted it, what the client sends waits.
  link->pause(Link::server);
  if (links_.size() >= tidy_links_at_) {
    std::erase_if(links_, [](const auto& each) { return each.expired(); });
    // Twice what is left, so that the work for each new link does not grow with the number of links.
    tidy_links_at_ = std::max(kLinksTidiedMin, 2 * links_.size());
  }
  links_.push_back(link);
  return link;
}

std::unique_ptr<env::Connection> Network::connect(std::string_view to, std::uint16_t port, const std::string& from_host,
                                                  env::ConnectionHandler& handler) {
  Host* const host = find(to);
  auto link = make_link(host, {host == nullptr ? std::string(to) : host->address, port});
  link->end(Link::client).handler = &handler;
  link->end(Link::client).address = env::Address{from_host, next_client_port_++};
  if (host == nullptr) {
    fail_later(link, draw_latency_us({}), "the name is unknown");
  } else {
    knock(link, kFirstKnockUs);
  }
  return std::make_unique<LinkEnd>(link, Link::client);
}

std::unique_ptr<env::Connection> Network::connect(std::uint16_t port, const std::string& from_host,
                                                  env::ConnectionHandler& handler) {
  return connect(hosts_.front()->name, port, from_host, handler);
}

std::unique_ptr<env::Connection> Network::dial(Host& from, const env::DialOptions& options, env::DialHandler& handler) {
  Host* const host = find(options.host);
  auto link = make_link(host, {options.host, options.port});
  link->end(Link::client).address = env::Address{from.address, next_client_port_++};
  link->place(Link::client, from);
  link->set_dialled(handler);
  fail_later(link, options.timeout_ms * 1000, fmt::format("no answer within {} ms", options.timeout_ms));
  if (host == nullptr) {
    fail_later(link, draw_latency_us({}), "the name is unknown");
  } else if (!silent_ports.contains(options.port)) {
    knock(link, kFirstKnockUs);
  }
  return std::make_unique<LinkEnd>(link, Link::client);
}

void Network::fail_later(const std::shared_ptr<Link>& link, std::int64_t delay_us, std::string why) {
  scheduler_.after(
      delay_us, [link, why = std::move(why)] { link->at(Link::client, [link, why] { link->fail_to_connect(why); }); });
}

void Network::knock(const std::shared_ptr<Link>& link, std::int64_t again_us) {
  const Route& route = link->route_from(Link::client);
  scheduler_.after(draw_latency_us(route), [this, link, again_us] {
    if (!link->lives(Link::client)) return;
    auto passage = link->passage_from(Link::client);
    // No answer comes back.
    const bool is_answered = link->route_from(Link::server).passage == Route::Passage::open;
    if (passage == Route::Passage::open && !is_answered) passage = Route::Passage::silent;
    switch (passage) {
      case Route::Passage::open:
        return link->at(Link::server, [this, link] { answer(link); });
      case Route::Passage::refused:
        return fail_later(link, 0, "connection refused");
      case Route::Passage::silent:
        scheduler_.after(again_us, [this, link, again_us] {
          // Whoever has given up sends no more.
          if (link->end(Link::client).handler != nullptr) knock(link, std::min(2 * again_us, kLastKnockUs));
        });
    }
  });
}

void Network::answer(const std::shared_ptr<Link>& link) {
  const Link::End& to = link->end(Link::server);
  const auto at = to.host->ports.find(to.address.port);
  const auto door = at == to.host->ports.end() ? nullptr : at->second.lock();
  if (!link->is_dialled()) {
    if (door == nullptr) return link->cut();
  } else {
    if (link->end(Link::client).handler == nullptr) return;  // cancelled
    if (door == nullptr) return fail_later(link, draw_latency_us(link->route_from(Link::server)), "connection refused");
    scheduler_.after(draw_latency_us(link->route_from(Link::server)),
                     [link] { link->at(Link::client, [link] { link->connect(); }); });
  }
  if (door->is_accepting) return accept(*door, link);
  door->waiting.push_back(link);
}

void Network::accept(Door& door, const std::shared_ptr<Link>& link) {
  auto end = std::make_unique<LinkEnd>(link, Link::server);
  env::ConnectionHandler* const taken_by = door.acceptor(std::move(end));
  // If it was refused, destroying the end has closed it.
  if (taken_by != nullptr) link->resume(Link::server);
}

void Network::cut_links(const std::string& one, const std::string& other) {
  for (const auto& each : links_) {
    const auto link = each.lock();
    if (link == nullptr) continue;
    const std::string& client = link->host_name(Link::client);
    const std::string& server = link->host_name(Link::server);
    if ((client == one && server == other) || (client == other && server == one)) link->cut();
  }
}

void Network::power_on(Host& host) {
  host.has_power = true;
  ++host.boots;
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
