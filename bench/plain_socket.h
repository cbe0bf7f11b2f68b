// A blocking socket for many connections: it can use any local address, and has no state except its descriptor.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "failure.h"
#include "wire.h"

namespace zkload {

class PlainSocket {
 public:
  PlainSocket() = default;
  // `source` is the last byte of the local address 127.0.0.x: one address has ports for about 28,000 connections.
  PlainSocket(std::uint16_t port, int source, int receive_buffer_bytes = 0) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) throw Failure("socket: " + std::string(std::strerror(errno)));
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (receive_buffer_bytes > 0)
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    // The local port is chosen in connect(), so that each pair of addresses can use all ports.
    ::setsockopt(fd_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in from = address(static_cast<std::uint32_t>(source), 0);
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0) fail("bind");
    sockaddr_in to = address(1, port);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("connect");
  }
  PlainSocket(PlainSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  PlainSocket& operator=(PlainSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~PlainSocket() { close(); }

  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void make_non_blocking() { ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) throw Failure("send: " + std::string(std::strerror(errno)));
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // The next frame, without its length.
  std::string receive_frame() {
    char length[4];
    receive(length, sizeof length);
    std::string frame(static_cast<std::size_t>(load_big_endian<std::int32_t>(length)), '\0');
    receive(frame.data(), frame.size());
    return frame;
  }
  // Reads to the end of the stream; returns the number of bytes.
  std::uint64_t receive_to_the_end() {
    static char buffer[1 << 18];
    std::uint64_t bytes = 0;
    while (true) {
      const auto got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return bytes;
      bytes += static_cast<std::uint64_t>(got);
    }
  }

  void ask_for_session(std::int32_t timeout_ms) {
    std::string out;
    encode_connect(out, timeout_ms);
    send(out);
  }
  void take_session() {
    const std::string answer = receive_frame();
    if (answer.size() < 8 || load_big_endian<std::int32_t>(answer.data() + 4) <= 0)
      throw Failure("the server refused the session");
  }
  // Throws if the reply has an error code.
  std::string receive_reply() {
    std::string frame = receive_frame();
    if (frame.size() < kReplyHeaderBytes) throw Failure("a reply frame is too short");
    const Reply reply = decode_reply(frame);
    if (reply.err != kOk) throw Failure("a request was answered with error " + std::to_string(reply.err));
    return frame;
  }

 private:
  static sockaddr_in address(std::uint32_t last_byte, std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    result.sin_addr.s_addr = htonl(0x7f000000U + last_byte);
    return result;
  }
  [[noreturn]] void fail(const char* what) {
    const std::string why = std::strerror(errno);
    close();
    throw Failure(std::string(what) + ": " + why);
  }
  void receive(char* to, std::size_t bytes) {
    while (bytes > 0) {
      const auto got = ::recv(fd_, to, bytes, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw Failure("the server closed a connection");
      to += got;
      bytes -= static_cast<std::size_t>(got);
    }
  }

  int fd_ = -1;
};

}  // namespace zkload
