#include "os/tcp_connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <netinet/tcp.h>

namespace quoll::os {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

env::Address address_of(const asio::ip::tcp::endpoint& endpoint) {
  asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return {address.to_string(), endpoint.port()};
}

// A dead machine is noticed after about 25 s of silence.
constexpr int kProbeAfterS = 10;
constexpr int kProbeEveryS = 5;
constexpr int kProbes = 3;

}  // namespace

void send_frequent_probes(asio::ip::tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&socket](int option, int value) {
    static_cast<void>(::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value));
  };
  set(TCP_KEEPIDLE, kProbeAfterS);
  set(TCP_KEEPINTVL, kProbeEveryS);
  set(TCP_KEEPCNT, kProbes);
}

void limit_unconfirmed_time(asio::ip::tcp::socket& socket, std::int64_t ms) {
  const int value = static_cast<int>(ms);
  static_cast<void>(::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &value, sizeof value));
}

Socket::Socket(Loop::Impl& loop, asio::ip::tcp::socket socket) : loop_(loop), socket_(std::move(socket)) {
  error_code ignored;
  peer_ = address_of(socket_.remote_endpoint(ignored));
  local_ = address_of(socket_.local_endpoint(ignored));
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
}

void Socket::start_reading() {
  wait_readable();
}

void Socket::wait_readable() {
  if (reading_ || paused_ || input_ended_ || closing_ || !socket_.is_open()) return;
  reading_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->reading_ = false;
    if (!error) self->on_readable();
  });
}

void Socket::on_readable() {
  if (paused_ || closing_ || !socket_.is_open()) return;
  error_code error;
  const std::size_t count = socket_.read_some(asio::buffer(loop_.read_buffer), error);
  if (error == asio::error::eof) return on_end_of_input();
  if (error && error != asio::error::would_block && error != asio::error::interrupted) return fail(error.message());
  if (count > 0 && handler_ != nullptr) handler_->on_data({loop_.read_buffer.data(), count});
  wait_readable();
}

void Socket::on_end_of_input() {
  input_ended_ = handler_ != nullptr && handler_->on_end_of_input();
  if (!input_ended_) fail("the peer closed the connection");
}

void Socket::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  wait_readable();
}

std::size_t Socket::send_some(std::string_view bytes) {
  if (!out_.empty()) return 0;
  // Usually the socket takes everything, and nothing is copied.
  error_code error;
  const std::size_t count = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
  // The pending wait reports an error: the handler is never called from within its own send().
  return error ? 0 : count;
}

void Socket::send(std::string_view bytes) {
  if (closing_ || !socket_.is_open() || bytes.empty()) return;
  bytes.remove_prefix(send_some(bytes));
  if (bytes.empty()) return;
  out_.add(bytes);
  on_queued(bytes.size());
}

void Socket::send_owned(std::string&& bytes) {
  if (closing_ || !socket_.is_open() || bytes.empty()) return;
  const std::size_t sent = send_some(bytes);
  const std::size_t count = bytes.size() - sent;
  if (count == 0) return;
  out_.add(std::move(bytes), sent);
  on_queued(count);
}

void Socket::on_queued(std::size_t bytes) {
  loop_.queued_bytes += bytes;
  wait_writable();
}

void Socket::wait_writable() {
  if (writing_ || !socket_.is_open()) return;
  writing_ = true;
  socket_.async_wait(asio::ip::tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->writing_ = false;
    if (!error) self->flush();
  });
}

void Socket::flush() {
  error_code error;
  if (!socket_.is_open()) return;
  const std::size_t count = socket_.write_some(out_.next(), error);
  if (error && error != asio::error::would_block && error != asio::error::interrupted) {
    fail(error.message());
    return;
  }
  if (!error) {
    out_.remove(count);
    loop_.queued_bytes -= count;
  }
  if (!out_.empty()) {
    wait_writable();
    return;
  }
  if (closing_) {
    close();
  } else if (handler_ != nullptr) {
    handler_->on_drained();
  }
}

void Socket::close_after_sending() {
  closing_ = true;
  if (out_.empty()) return close();
  const auto timer = std::make_shared<asio::steady_timer>(loop_.io, loop_.last_bytes_time);
  timer->async_wait([timer, weak = weak_from_this()](const error_code&) {
    if (const auto self = weak.lock()) self->close();
  });
}

void Socket::detach() {
  handler_ = nullptr;
  if (!closing_) close();
}

void Socket::close() {
  handler_ = nullptr;
  loop_.queued_bytes -= out_.bytes();
  loop_.discard(std::exchange(out_, OutQueue()));
  if (!socket_.is_open()) return;
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void Socket::fail(std::string_view why) {
  env::ConnectionHandler* const handler = handler_;
  const bool tell = !closing_;
  const std::string reason(why);
  close();
  if (handler != nullptr && tell) handler->on_closed(reason);
}

}  // namespace quoll::os
