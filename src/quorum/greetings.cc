#include "quorum/greetings.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/utf8.h"

namespace quoll::quorum {

class Greetings::Stranger : public env::ConnectionHandler {
 public:
  Stranger(Greetings& all, std::unique_ptr<env::Connection> taken)
      : connection(std::move(taken)), host(connection->peer().host), all_(all) {
    connection->attach(*this);
    deadline_ = all.env_.timers.after(all.options_.connect_timeout_ms, [this] { on_late(); });
  }
  void on_data(std::string_view bytes) override {
    if (connection == nullptr) return;
    bytes_ += bytes;
    if (!hello_ && !take_hello()) return;
    if (!acceptor_) return let_in();
    std::string out;
    const AuthVerdict verdict = acceptor_->take(bytes_, out);
    if (!out.empty()) connection->send(out);
    obey(verdict);
  }
  void on_closed(std::string_view) override {
    connection.reset();
    // Port scans and health checks do that, and servers with a smaller id that do not authenticate.
    if (acceptor_ && acceptor_->take_silence() == AuthVerdict::passed) return let_in();
    all_.dismiss(*this);
  }
  void stop() { deadline_.reset(); }

  std::unique_ptr<env::Connection> connection;
  const std::string host;

 private:
  // True: it is complete.
  bool take_hello() {
    const auto read = wire::read_election_hello(bytes_);
    if (!read) all_.refuse(*this, "what it sends is not the hello of a ZooKeeper server");
    if (!read || !*read) return false;
    hello_ = (*read)->hello;
    bytes_.erase(0, (*read)->bytes);
    if (all_.options_.authentication != nullptr) acceptor_.emplace(*all_.options_.authentication);
    return true;
  }
  void obey(AuthVerdict verdict) {
    if (verdict == AuthVerdict::refused) return all_.refuse(*this, acceptor_->why());
    if (verdict == AuthVerdict::passed) let_in();
  }
  // One that does not authenticate may wait to be spoken to.
  void on_late() {
    if (acceptor_) return obey(acceptor_->take_silence());
    all_.refuse(*this, "it did not say who it is in time");
  }
  void let_in() {
    if (acceptor_) all_.note(*acceptor_, host);
    all_.dismiss(*this);
    all_.on_hello_({*hello_, std::move(connection), host, bytes_});
  }

  Greetings& all_;
  std::string bytes_;
  std::optional<wire::ElectionHello> hello_;
  std::optional<AuthAcceptor> acceptor_;  // behind the hello, if SASL is on
  std::unique_ptr<env::Timer> deadline_;
};

Greetings::Greetings(env::Env& env, const Options& options, OnHello on_hello)
    : env_(env), options_(options), on_hello_(std::move(on_hello)) {}

Greetings::~Greetings() = default;

env::ConnectionHandler* Greetings::accept(std::unique_ptr<env::Connection> connection) {
  if (strangers_.size() >= options_.unauthenticated_max)
    refuse(*strangers_.front(), "too many connections have not said who they are, and it is the oldest of them");
  return strangers_.emplace_back(std::make_unique<Stranger>(*this, std::move(connection))).get();
}

void Greetings::dismiss(Stranger& stranger) {
  const auto at = std::ranges::find(strangers_, &stranger, &std::unique_ptr<Stranger>::get);
  if (at == strangers_.end()) return;
  stranger.stop();
  dismissed_.splice(dismissed_.end(), strangers_, at);
  destroy_dismissed_.post(env_.timers, [this] { dismissed_.clear(); });
}

void Greetings::note(const AuthAcceptor& acceptor, std::string_view host) {
  if (acceptor.user().empty()) {
    env_.log.warn(
        "Let a connection of {} to the election port in without a name, as quorum.auth.serverRequireSasl "
        "allows: {}",
        host, acceptor.why());
  } else {
    env_.log.info("A connection of {} to the election port has authenticated as {}", host,
                  base::escaped(acceptor.user(), 64));
  }
}

void Greetings::refuse(Stranger& stranger, std::string_view why) {
  env_.log.warn("Closed a connection of {} to the election port: {}", stranger.host, why);
  // What was sent last says why.
  if (stranger.connection != nullptr) stranger.connection->close_after_sending();
  stranger.connection.reset();
  dismiss(stranger);
}

}  // namespace quoll::quorum
