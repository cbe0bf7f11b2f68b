// The installed fake ensemble (include/quoll/testing.h).
#include <algorithm>
#include <deque>

#include "base/check.h"
#include "client/connect_string.h"
#include "quoll/testing.h"
#include "sdk/public_impl.h"
#include "testing/client_place.h"
#include "testing/servers.h"

namespace quoll::testing {

namespace {
constexpr int kServersMax = 9;
// Longer than any election, and than any session with a tick.
constexpr std::int64_t kSettledMs = 60'000;
}  // namespace

class Ensemble::Impl {
 public:
  explicit Impl(const EnsembleOptions& options)
      : simulation(options.seed),
        time(std::make_shared<Time>(simulation, options.wait_max.count())),
        servers(simulation, options.servers) {}

  ClientPlace& place_of(zk::Client& client) {
    time->check_thread();
    const sdk::Runtime& runtime = zk::Inside::of(client).runtime();
    const auto place =
        std::ranges::find_if(places, [&](const ClientPlace& each) { return each.runtime() == &runtime; });
    QUOLL_CHECK(place != places.end(), "the client belongs to this fake ensemble");
    return *place;
  }
  void route(const std::string& one, const std::string& other, sim::Route::Passage passage) {
    simulation.network.route(one, other).passage = passage;
    simulation.network.route(other, one).passage = passage;
  }
  template <typename Visit>  // void(int server)
  void each_server(Visit visit) {
    for (int id = 1; id <= servers.count(); ++id) visit(id);
  }
  [[nodiscard]] int checked(int server) const {
    QUOLL_CHECK(server >= 1 && server <= servers.count(), fmt::format("there is a server {}", server));
    return server;
  }

  sim::Simulation simulation;
  const std::shared_ptr<Time> time;
  Servers servers;
  std::deque<ClientPlace> places;
};

Ensemble::Ensemble(const EnsembleOptions& options) {
  QUOLL_CHECK(options.servers >= 1 && options.servers <= kServersMax, "a fake ensemble has 1 to 9 servers");
  impl_ = std::make_unique<Impl>(options);
  start();
  QUOLL_CHECK(impl_->time->pass_until([this] { return impl_->servers.all_serve(); }, kSettledMs),
              "a fake ensemble serves within a minute");
}

Ensemble::~Ensemble() {
  const bool has_clients =
      std::ranges::any_of(impl_->places, [](const auto& each) { return each.runtime() != nullptr; });
  QUOLL_CHECK(!has_clients, "clients are destroyed before their fake ensemble");
}

zk::Result<zk::Client> Ensemble::open(zk::Options options) {
  const auto refuse = [](std::string text) {
    return std::unexpected(zk::Failure{zk::Code::bad_arguments, zk::Fate::not_sent, std::move(text), {}});
  };
  if (options.tls || options.login) return refuse("a fake ensemble has no TLS and no logins");
  const auto parsed = client::parse_connect_string(options.servers);
  if (!parsed) return refuse(parsed.error());
  options.servers.clear();
  impl_->each_server([&](int id) {
    options.servers += fmt::format("{}{}:{}", id == 1 ? "" : ",", Servers::name_of(id), Servers::kClientPort);
  });
  options.servers += parsed->chroot;
  const int number = static_cast<int>(impl_->places.size()) + 1;
  ClientPlace& place = impl_->places.emplace_back(impl_->simulation, impl_->time, number);
  return zk::Inside::open(std::make_unique<ClientPlace::Runtime>(place), options);
}

std::chrono::milliseconds Ensemble::now() const {
  return std::chrono::milliseconds(impl_->simulation.scheduler.now_us() / 1000);
}

void Ensemble::run_for(std::chrono::milliseconds time) {
  impl_->time->pass_until([] { return false; }, time.count());
}

bool Ensemble::run_until(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
  return impl_->time->pass_until(holds, patience.count());
}

void Ensemble::wait(const std::function<bool()>& holds) {
  impl_->time->pass_until(holds, -1);
}

void Ensemble::stop(int server) {
  impl_->servers.stop(impl_->checked(server));
}

void Ensemble::start(int server) {
  impl_->servers.start(impl_->checked(server));
}

void Ensemble::stop() {
  impl_->each_server([this](int id) { impl_->servers.stop(id); });
}

void Ensemble::start() {
  impl_->each_server([this](int id) { impl_->servers.start(id); });
}

int Ensemble::leader() const {
  return impl_->servers.leader();
}

void Ensemble::isolate(int server) {
  const std::string name = Servers::name_of(impl_->checked(server));
  impl_->each_server([&](int id) {
    if (id != server) impl_->route(name, Servers::name_of(id), sim::Route::Passage::silent);
  });
}

void Ensemble::cut_off(zk::Client& client, int server) {
  const std::string& name = impl_->place_of(client).machine.name();
  impl_->each_server([&](int id) {
    if (server == 0 || id == server) impl_->route(name, Servers::name_of(id), sim::Route::Passage::silent);
  });
}

void Ensemble::heal() {
  impl_->simulation.network.reset_routes();
}

void Ensemble::disconnect(zk::Client& client) {
  const std::string& name = impl_->place_of(client).machine.name();
  impl_->each_server([&](int id) { impl_->simulation.network.cut_links(name, Servers::name_of(id)); });
}

void Ensemble::suspend(zk::Client& client) {
  impl_->place_of(client).suspend();
}

void Ensemble::resume(zk::Client& client) {
  impl_->place_of(client).resume();
}

bool Ensemble::expire(zk::Client& client) {
  const std::string& name = impl_->place_of(client).machine.name();
  const std::int64_t session = client.session_id();
  if (!impl_->servers.has_session(session)) return false;
  cut_off(client);
  const bool is_gone = run_until([&] { return leader() != 0 && !impl_->servers.has_session(session); });
  impl_->each_server([&](int id) { impl_->route(name, Servers::name_of(id), sim::Route::Passage::open); });
  return is_gone && run_until([&] { return client.state() == zk::State::expired; });
}

}  // namespace quoll::testing
