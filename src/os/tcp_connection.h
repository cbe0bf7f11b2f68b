// One TCP connection on the loop.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "env/network.h"
#include "os/loop_impl.h"
#include "os/out_queue.h"

namespace quoll::os {

// TCP keep-alive probes, often enough that a machine which has lost its power is noticed within half a minute although
// nothing is sent to it.
void send_frequent_probes(boost::asio::ip::tcp::socket& socket);

// The connection fails when sent data is not confirmed for so long (Linux: TCP_USER_TIMEOUT). 0: as the system does it.
void limit_unconfirmed_time(boost::asio::ip::tcp::socket& socket, std::int64_t ms);

// Lives as long as the loop has work for it. Its owner's handle (TcpConnection) may be destroyed earlier.
class Socket : public std::enable_shared_from_this<Socket> {
 public:
  Socket(Loop::Impl& loop, boost::asio::ip::tcp::socket socket);

  void attach(env::ConnectionHandler* handler) { handler_ = handler; }
  void start_reading();
  void send(std::string_view bytes);
  void send_owned(std::string&& bytes);
  void close_after_sending();
  // The owner has been destroyed: closes the socket, unless the owner requested that the queued bytes be sent first.
  void detach();
  void close();
  void pause_reading() { paused_ = true; }
  void resume_reading();
  [[nodiscard]] std::size_t queued_bytes() const { return out_.bytes(); }
  [[nodiscard]] const env::Address& peer() const { return peer_; }
  [[nodiscard]] const env::Address& local() const { return local_; }

 private:
  void wait_readable();
  void on_readable();
  void on_end_of_input();
  // Returns how many bytes the socket took immediately; 0 if others are queued.
  std::size_t send_some(std::string_view bytes);
  // Adds bytes just queued in out_ to the count over all sockets.
  void on_queued(std::size_t bytes);
  void wait_writable();
  void flush();
  void fail(std::string_view why);

  Loop::Impl& loop_;
  boost::asio::ip::tcp::socket socket_;
  env::ConnectionHandler* handler_ = nullptr;
  env::Address peer_;
  env::Address local_;
  OutQueue out_;
  bool paused_ = false;
  bool input_ended_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;
};

class TcpConnection : public env::Connection {
 public:
  explicit TcpConnection(std::shared_ptr<Socket> socket) : socket_(std::move(socket)) {}
  ~TcpConnection() override { socket_->detach(); }
  void attach(env::ConnectionHandler& handler) override { socket_->attach(&handler); }
  void send(std::string_view bytes) override { socket_->send(bytes); }
  void send_owned(std::string&& bytes) override { socket_->send_owned(std::move(bytes)); }
  void close_after_sending() override { socket_->close_after_sending(); }
  void pause_reading() override { socket_->pause_reading(); }
  void resume_reading() override { socket_->resume_reading(); }
  [[nodiscard]] std::size_t queued_bytes() const override { return socket_->queued_bytes(); }
  [[nodiscard]] const env::Address& peer() const override { return socket_->peer(); }
  [[nodiscard]] const env::Address& local() const override { return socket_->local(); }
  [[nodiscard]] const env::TlsPeer* tls() const override { return nullptr; }

 private:
  std::shared_ptr<Socket> socket_;
};

}  // namespace quoll::os
