#include "os/dialer.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <optional>
#include <vector>

#include "base/check.h"
#include "os/loop_impl.h"
#include "os/tcp_connection.h"
#include "os/tls_connection.h"

namespace quoll::os {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

std::string text_of(const error_code& error) {
  return error == asio::error::connection_refused ? "connection refused" : error.message();
}

// Lives until it has connected, failed or been cancelled; the owner's handle may be destroyed earlier.
class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(Loop::Impl& loop, const env::DialOptions& options, env::DialHandler& handler)
      : loop_(loop),
        host_(options.host),
        port_(options.port),
        timeout_ms_(options.timeout_ms),
        unconfirmed_ms_max_(options.unconfirmed_ms_max),
        ends_(Clock::now() + std::chrono::milliseconds(options.timeout_ms)),
        handler_(&handler),
        resolver_(loop.io),
        socket_(loop.io),
        timer_(loop.io) {}

  void use_tls(const TlsConnection::Terms& terms) { tls_.emplace(terms); }
  void begin() {
    error_code error;
    const auto address = asio::ip::make_address(host_, error);
    if (!error) {
      endpoints_ = {tcp::endpoint(address, port_)};
      return try_next();
    }
    // The system's resolver blocks, so Asio asks it in a thread of its own.
    expire_at(ends_);
    resolver_.async_resolve(host_, std::to_string(port_),
                            [self = shared_from_this()](const error_code& failure, const auto& results) {
                              if (self->handler_ == nullptr) return;
                              if (failure) return self->fail("the name is unknown: " + failure.message());
                              for (const auto& result : results) self->endpoints_.push_back(result.endpoint());
                              self->try_next();
                            });
  }
  void fail_later(std::string why) {
    asio::post(loop_.io, [self = shared_from_this(), why = std::move(why)] { self->fail(why); });
  }
  void cancel() {
    handler_ = nullptr;
    close();
    open_.reset();
  }
  // nullptr: not yet, or no more.
  [[nodiscard]] env::Connection* open() const { return open_.get(); }

 private:
  using Clock = std::chrono::steady_clock;

  void try_next() {
    if (next_ == endpoints_.size()) return fail(last_error_.empty() ? "the name has no address" : last_error_);
    const auto left = endpoints_.size() - next_;
    expire_at(Clock::now() + (ends_ - Clock::now()) / static_cast<std::int64_t>(left));
    const tcp::endpoint endpoint = endpoints_[next_++];
    error_code ignored;
    socket_.close(ignored);
    socket_.async_connect(endpoint, [self = shared_from_this(), number = next_](const error_code& error) {
      if (self->handler_ == nullptr || self->next_ != number) return;
      self->on_attempted(error);
    });
  }
  void on_attempted(const error_code& error) {
    error_code ignored;
    // A port of this machine from which outgoing connections are made, and where nobody listens, may be connected to
    // itself.
    const bool is_own_end = !error && socket_.local_endpoint(ignored) == socket_.remote_endpoint(ignored);
    if (!error && !is_own_end) return succeed();
    last_error_ = is_own_end ? "connection refused" : text_of(error);
    try_next();
  }
  void expire_at(Clock::time_point when) {
    timer_.expires_at(when);
    timer_.async_wait([self = shared_from_this()](const error_code& cancelled) {
      if (cancelled || self->handler_ == nullptr || self->timer_.expiry() > Clock::now()) return;
      self->last_error_ = fmt::format("no answer within {} ms", self->timeout_ms_);
      if (Clock::now() >= self->ends_) return self->fail(self->last_error_);
      self->try_next();
    });
  }
  void succeed() {
    timer_.cancel();
    send_frequent_probes(socket_);
    limit_unconfirmed_time(socket_, unconfirmed_ms_max_);
    const auto socket = std::make_shared<Socket>(loop_, std::move(socket_));
    env::DialHandler* const handler = std::exchange(handler_, nullptr);
    auto plain = std::make_unique<TcpConnection>(socket);
    if (!tls_) {
      open_ = std::move(plain);
      open_->attach(*handler);
      handler->on_connected();
    } else {
      auto secure = std::make_unique<TlsConnection>(std::move(plain), *tls_);
      TlsConnection& taken = *secure;
      open_ = std::move(secure);
      taken.attach(*handler);
      taken.begin_as_client(host_, [handler] { handler->on_connected(); });
    }
    socket->start_reading();
  }
  void fail(const std::string& why) {
    env::DialHandler* const handler = std::exchange(handler_, nullptr);
    close();
    if (handler != nullptr) handler->on_closed(why);
  }
  void close() {
    error_code ignored;
    resolver_.cancel();
    timer_.cancel();
    socket_.close(ignored);
  }

  Loop::Impl& loop_;
  const std::string host_;
  const std::uint16_t port_;
  const std::int64_t timeout_ms_;
  const std::int64_t unconfirmed_ms_max_;
  const Clock::time_point ends_;
  env::DialHandler* handler_;  // nullptr when the attempt is over
  tcp::resolver resolver_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  std::vector<tcp::endpoint> endpoints_;
  std::size_t next_ = 0;
  std::string last_error_;
  std::optional<TlsConnection::Terms> tls_;
  std::unique_ptr<env::Connection> open_;
};

class DialledConnection : public env::Connection {
 public:
  DialledConnection(std::shared_ptr<Attempt> attempt, env::Address asked)
      : attempt_(std::move(attempt)), asked_(std::move(asked)) {}
  ~DialledConnection() override { attempt_->cancel(); }
  void attach(env::ConnectionHandler&) override { QUOLL_CHECK(false, "a dialled connection has its handler"); }
  void send(std::string_view bytes) override { open().send(bytes); }
  void send_owned(std::string&& bytes) override { open().send_owned(std::move(bytes)); }
  void close_after_sending() override { open().close_after_sending(); }
  void pause_reading() override { open().pause_reading(); }
  void resume_reading() override { open().resume_reading(); }
  [[nodiscard]] std::size_t queued_bytes() const override {
    return attempt_->open() == nullptr ? 0 : attempt_->open()->queued_bytes();
  }
  [[nodiscard]] const env::Address& peer() const override {
    return attempt_->open() == nullptr ? asked_ : attempt_->open()->peer();
  }
  [[nodiscard]] const env::Address& local() const override {
    return attempt_->open() == nullptr ? unbound_ : attempt_->open()->local();
  }
  [[nodiscard]] const env::TlsPeer* tls() const override {
    return attempt_->open() == nullptr ? nullptr : attempt_->open()->tls();
  }

 private:
  [[nodiscard]] env::Connection& open() {
    QUOLL_CHECK(attempt_->open() != nullptr, "a connection is used after on_connected");
    return *attempt_->open();
  }
  std::shared_ptr<Attempt> attempt_;
  env::Address asked_;
  env::Address unbound_;
};

}  // namespace

std::unique_ptr<env::Connection> TcpDialer::dial(const env::DialOptions& options, env::DialHandler& handler) {
  auto attempt = std::make_shared<Attempt>(loop_.impl(), options, handler);
  auto connection = std::make_unique<DialledConnection>(attempt, env::Address{options.host, options.port});
  if (options.security == env::Security::plain) {
    attempt->begin();
  } else if (tls_ == nullptr) {
    attempt->fail_later("TLS is asked for, but there is no key store");
  } else {
    attempt->use_tls({loop_, *handshakes_, tls_, env::Security::tls});
    attempt->begin();
  }
  return connection;
}

}  // namespace quoll::os
