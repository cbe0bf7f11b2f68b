// One client session on a socket: sends pipelined requests and checks that replies come in order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <cstdint>
#include <deque>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "failure.h"
#include "wire.h"

namespace zkload {

struct Pending {
  std::int32_t xid;
  OpCode op;
  std::uint64_t sent_ns;
};

class Connection {
 public:
  Connection(const std::string& host, const std::string& port) {
    open_socket(host, port);
    handshake();
    ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }
  std::size_t outstanding() const { return pending_.size(); }
  bool wants_write() const { return out_sent_ < out_.size(); }

  // The encoder writes directly into this buffer; flush() sends its content.
  std::string& out() { return out_; }
  std::int32_t expect(OpCode op, std::uint64_t now_ns) {
    pending_.push_back({next_xid_, op, now_ns});
    return next_xid_++;
  }

  void flush() {
    while (out_sent_ < out_.size()) {
      const auto sent = ::send(fd_, out_.data() + out_sent_, out_.size() - out_sent_, MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EAGAIN) return;
        if (errno == EINTR) continue;
        throw Failure("send: " + std::string(std::strerror(errno)));
      }
      out_sent_ += static_cast<std::size_t>(sent);
    }
    out_.clear();
    out_sent_ = 0;
  }

  // Reads once and passes every complete reply to on_reply(const Pending&, const Reply&).
  // Returns false if the socket is empty now: the next bytes cause a new event.
  template <typename OnReply>
  bool receive(OnReply&& on_reply) {
    if (in_.size() - in_end_ < kReadBytes) in_.resize(in_end_ + kReadBytes);
    const std::size_t room = in_.size() - in_end_;
    const auto got = ::recv(fd_, in_.data() + in_end_, room, 0);
    if (got == 0) throw Failure("the server closed a connection");
    if (got < 0) {
      if (errno == EINTR) return true;
      if (errno == EAGAIN) return false;
      throw Failure("recv: " + std::string(std::strerror(errno)));
    }
    in_end_ += static_cast<std::size_t>(got);

    std::size_t at = 0;
    while (in_end_ - at >= 4) {
      const auto length = load_big_endian<std::int32_t>(in_.data() + at);
      if (length < static_cast<std::int32_t>(kReplyHeaderBytes)) throw Failure("a reply frame is too short");
      if (in_end_ - at - 4 < static_cast<std::size_t>(length)) break;
      take({in_.data() + at + 4, static_cast<std::size_t>(length)}, on_reply);
      at += 4 + static_cast<std::size_t>(length);
    }
    std::memmove(in_.data(), in_.data() + at, in_end_ - at);
    in_end_ -= at;
    return static_cast<std::size_t>(got) == room;
  }

 private:
  static constexpr std::size_t kReadBytes = 64 * 1024;
  static constexpr std::int32_t kSessionTimeoutMs = 30000;

  template <typename OnReply>
  void take(std::string_view frame, OnReply&& on_reply) {
    const Reply reply = decode_reply(frame);
    if (pending_.empty()) throw Failure("a reply without a request, xid " + std::to_string(reply.xid));
    const Pending asked = pending_.front();
    if (reply.xid != asked.xid) {
      throw Failure("xid " + std::to_string(reply.xid) + " where " + std::to_string(asked.xid) + " was due");
    }
    pending_.pop_front();
    on_reply(asked, reply);
  }

  void open_socket(const std::string& host, const std::string& port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int rc = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); rc != 0) {
      throw Failure(host + ": " + ::gai_strerror(rc));
    }
    for (addrinfo* each = found; each != nullptr && fd_ < 0; each = each->ai_next) {
      fd_ = ::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
      if (fd_ >= 0 && ::connect(fd_, each->ai_addr, each->ai_addrlen) != 0) {
        ::close(fd_);
        fd_ = -1;
      }
    }
    ::freeaddrinfo(found);
    if (fd_ < 0) throw Failure("cannot connect to " + host + ":" + port);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }

  void handshake() {
    encode_connect(out_, kSessionTimeoutMs);
    flush();
    char answer[256];
    read_exactly(answer, 4);
    const auto length = load_big_endian<std::int32_t>(answer);
    if (length < 36 || length > 200) throw Failure("the connect answer has " + std::to_string(length) + " bytes");
    read_exactly(answer, static_cast<std::size_t>(length));
    if (load_big_endian<std::int32_t>(answer + 4) <= 0) throw Failure("the server refused the session");
  }

  void read_exactly(char* to, std::size_t bytes) {
    while (bytes > 0) {
      const auto got = ::recv(fd_, to, bytes, 0);
      if (got <= 0) throw Failure("the connection ended in the handshake");
      to += got;
      bytes -= static_cast<std::size_t>(got);
    }
  }

  int fd_ = -1;
  std::int32_t next_xid_ = 1;
  std::deque<Pending> pending_;
  std::string out_;
  std::size_t out_sent_ = 0;
  std::vector<char> in_;
  std::size_t in_end_ = 0;
};

}  // namespace zkload
