#include "os/network.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <sys/resource.h>

#include "os/processes.h"
#include "os/tcp_connection.h"
#include "os/tls_connection.h"

namespace quoll::os {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// How long to stop accepting when the process has run out of descriptors.
constexpr std::chrono::milliseconds kAcceptPause{100};

// Part of a second for which ListenOptions::accepts_per_second_max is counted.
constexpr std::chrono::milliseconds kAcceptWindow{100};

// Descriptors reserved for files: without one for its next log the server would have to end.
constexpr rlim_t kDescriptorsForFiles = 16;

// The kernel assigns the lowest free number, so a high number means that all lower ones are in use.
bool is_kept_for_files(int descriptor) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  return static_cast<rlim_t>(descriptor) + kDescriptorsForFiles >= limit.rlim_cur;
}

class Accepting : public std::enable_shared_from_this<Accepting> {
 public:
  Accepting(Loop::Impl& loop, env::Log& log, env::Acceptor on_accept)
      : loop_(loop), log_(log), on_accept_(std::move(on_accept)), acceptor_(loop.io), pause_(loop.io) {}

  error_code open(const tcp::endpoint& endpoint, int backlog) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (error) return error;
    acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (endpoint.protocol() == tcp::v6()) acceptor_.set_option(asio::ip::v6_only(false), error);
    acceptor_.bind(endpoint, error);
    if (error) return error;
    acceptor_.listen(backlog > 0 ? backlog : static_cast<int>(asio::socket_base::max_listen_connections), error);
    return error;
  }
  void use_options(const env::ListenOptions& options) {
    probes_ = options.probes;
    unconfirmed_ms_max_ = options.unconfirmed_ms_max;
    if (options.accepts_per_second_max > 0) accepts_in_window_max_ = std::max(1, options.accepts_per_second_max / 10);
  }
  void use_tls(const TlsConnection::Terms& terms) { tls_.emplace(terms); }
  void accept() {
    acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      if (!self->acceptor_.is_open()) return;
      if (error) {
        self->pause(error);
        return;
      }
      if (is_kept_for_files(socket.native_handle())) {
        self->pause(boost::system::errc::make_error_code(boost::system::errc::too_many_files_open));
        return;
      }
      self->deliver(std::move(socket));
      if (self->is_too_fast()) return self->accept_after(kAcceptWindow);
      self->accept();
    });
  }
  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void deliver(tcp::socket socket) {
    error_code ignored;
    if (probes_ == env::ListenOptions::frequent_probes) send_frequent_probes(socket);
    if (probes_ == env::ListenOptions::keep_alive) socket.set_option(asio::socket_base::keep_alive(true), ignored);
    limit_unconfirmed_time(socket, unconfirmed_ms_max_);
    const auto connection = std::make_shared<Socket>(loop_, std::move(socket));
    auto plain = std::make_unique<TcpConnection>(connection);
    if (tls_) {
      auto secure = std::make_unique<TlsConnection>(std::move(plain), *tls_);
      TlsConnection* const taken = secure.get();
      if (on_accept_(std::move(secure)) != nullptr) taken->begin();
    } else {
      on_accept_(std::move(plain));
    }
    connection->start_reading();
  }
  void pause(const error_code& error) {
    log_.warn(
        "Cannot accept a connection ({}); trying again in {} ms. If this goes on, raise the limit of open files "
        "(ulimit -n).",
        error.message(), kAcceptPause.count());
    accept_after(kAcceptPause);
  }
  // Counts a connection.
  bool is_too_fast() {
    if (accepts_in_window_max_ == 0) return false;
    const auto now = asio::steady_timer::clock_type::now();
    if (now - window_began_ >= kAcceptWindow) {
      window_began_ = now;
      accepts_in_window_ = 0;
    }
    return ++accepts_in_window_ >= accepts_in_window_max_;
  }
  void accept_after(std::chrono::milliseconds time) {
    pause_.expires_after(time);
    pause_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (!cancelled && self->acceptor_.is_open()) self->accept();
    });
  }

  Loop::Impl& loop_;
  env::Log& log_;
  env::Acceptor on_accept_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::optional<TlsConnection::Terms> tls_;
  decltype(env::ListenOptions::probes) probes_ = env::ListenOptions::plain_tcp;
  std::int64_t unconfirmed_ms_max_ = 0;
  int accepts_in_window_max_ = 0;  // 0: no limit
  int accepts_in_window_ = 0;
  asio::steady_timer::time_point window_began_{};
};

class TcpListener : public env::Listener {
 public:
  TcpListener(std::shared_ptr<Accepting> accepting, env::Address local)
      : accepting_(std::move(accepting)), local_(std::move(local)) {}
  ~TcpListener() override { accepting_->close(); }
  [[nodiscard]] const env::Address& local() const override { return local_; }
  void start_accepting() override { accepting_->accept(); }

 private:
  std::shared_ptr<Accepting> accepting_;
  env::Address local_;
};

std::expected<tcp::endpoint, std::string> resolve(Loop::Impl& loop, const std::string& host, std::uint16_t port) {
  if (host.empty()) return tcp::endpoint(tcp::v6(), port);
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return tcp::endpoint(address, port);
  tcp::resolver resolver(loop.io);
  const auto results = resolver.resolve(host, std::to_string(port), error);
  if (error || results.empty()) return std::unexpected(fmt::format("cannot resolve {}: {}", host, error.message()));
  return results.begin()->endpoint();
}

// Advice for an operator about a port that cannot be opened; may be empty.
std::string advice(const error_code& error, const env::ListenOptions& options) {
  namespace errc = boost::system::errc;
  if (error == errc::address_in_use) {
    const auto owner = port_owner(options.port);
    return fmt::format("already in use{}. Stop that process, or choose another port",
                       owner ? " by " + description(*owner) : std::string());
  }
  if (error == errc::permission_denied) {
    return fmt::format(
        "{}. Ports below 1024 need the right CAP_NET_BIND_SERVICE; choose a higher one, or give it to "
        "the service",
        error.message());
  }
  if (error == errc::address_not_available) {
    return fmt::format("{}: this machine has no such address (see: ip address)", error.message());
  }
  return error.message();
}

}  // namespace

void TcpNetwork::name_port(std::uint16_t port, std::string origin) {
  origins_[port] = std::move(origin);
}

// "cannot listen on 0.0.0.0:2181 (clientPort, zoo.cfg:3): already in use by pid 711 (java ...)"
std::string TcpNetwork::listen_error(const env::ListenOptions& options, const error_code& error) const {
  const auto origin = origins_.find(options.port);
  const bool v6 = options.host.contains(':');
  return fmt::format("cannot listen on {}{}{}:{}{}: {}", v6 ? "[" : "", options.host.empty() ? "0.0.0.0" : options.host,
                     v6 ? "]" : "", options.port, origin == origins_.end() ? "" : fmt::format(" ({})", origin->second),
                     advice(error, options));
}

std::expected<std::unique_ptr<env::Listener>, std::string> TcpNetwork::listen(const env::ListenOptions& options,
                                                                              env::Acceptor on_accept) {
  const auto own = port_tls_.find(options.port);
  const bool is_for_servers = quorum_ports_.contains(options.port);
  const bool is_for_clients = own == port_tls_.end() && !is_for_servers;
  const auto& context = own != port_tls_.end() ? own->second : is_for_servers ? quorum_tls_ : tls_;
  if (options.security != env::Security::plain && context == nullptr)
    return std::unexpected("a TLS port is asked for, but no key store");
  auto endpoint = resolve(loop_.impl(), options.host, options.port);
  if (!endpoint) {
    const auto origin = origins_.find(options.port);
    return std::unexpected(origin == origins_.end() ? endpoint.error()
                                                    : fmt::format("{} ({})", endpoint.error(), origin->second));
  }
  auto accepting = std::make_shared<Accepting>(loop_.impl(), log_, on_accept);
  accepting->use_options(options);
  if (options.security != env::Security::plain) {
    accepting->use_tls({loop_, is_for_clients ? handshakes_ : other_handshakes_, context, options.security});
  }
  error_code error = accepting->open(*endpoint, options.backlog);
  if (error && options.host.empty()) {
    // For machines without IPv6.
    accepting->close();
    error = accepting->open(tcp::endpoint(tcp::v4(), options.port), options.backlog);
  }
  if (error) return std::unexpected(listen_error(options, error));
  env::Address local{options.host, accepting->port()};
  return std::make_unique<TcpListener>(std::move(accepting), std::move(local));
}

std::size_t TcpNetwork::queued_bytes() const {
  return loop_.impl().queued_bytes;
}

}  // namespace quoll::os
