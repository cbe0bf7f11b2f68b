// A connection over a real socket that takes no more bytes.
#include "os/tcp_connection.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include "os/loop.h"

namespace quoll::os {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Two ends of a loopback connection. The test reads from the peer's end itself.
struct Pair {
  Pair() {
    tcp::acceptor acceptor(loop.impl().io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    peer.connect(acceptor.local_endpoint());
    socket = std::make_shared<Socket>(loop.impl(), acceptor.accept());
  }
  // Reads until the socket's end of stream or until the time is over.
  std::string read_all(std::chrono::milliseconds most) {
    std::string all;
    peer.non_blocking(true);
    const auto ends = std::chrono::steady_clock::now() + most;
    char buffer[65536];
    while (std::chrono::steady_clock::now() < ends) {
      loop.impl().io.restart();
      loop.impl().io.poll();
      boost::system::error_code error;
      const std::size_t count = peer.read_some(asio::buffer(buffer), error);
      if (!error) all.append(buffer, count);
      if (error && error != asio::error::would_block) return all;
    }
    ADD_FAILURE() << "no end";
    return all;
  }

  Loop loop;
  tcp::socket peer{loop.impl().io};
  std::shared_ptr<Socket> socket;
};

std::string pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 131 >> 3);
  return text;
}

TEST(TcpConnection, the_bytes_queued_in_all_connections_are_counted) {
  Pair pair;
  const std::size_t& sum = pair.loop.impl().queued_bytes;
  const std::string much = pattern(6'000'000);
  pair.socket->send("little");
  EXPECT_EQ(sum, 0U);
  pair.socket->send_owned(std::string(much));
  pair.socket->send(much);
  EXPECT_EQ(sum, pair.socket->queued_bytes());
  EXPECT_GT(sum, 6'000'000U);
  char buffer[65536];
  for (int i = 0; i < 20; ++i) {
    asio::read(pair.peer, asio::buffer(buffer));
    pair.loop.impl().io.restart();
    pair.loop.impl().io.poll();
    EXPECT_EQ(sum, pair.socket->queued_bytes());
  }
  EXPECT_LT(sum, 12'000'000U - 20 * sizeof buffer + 1);
  pair.socket->detach();
  EXPECT_EQ(sum, 0U);
}

TEST(TcpConnection, queued_bytes_are_sent_in_order_and_none_is_lost) {
  Pair pair;
  std::string expected;
  const std::string much = pattern(6'000'000);
  for (const std::size_t bytes :
       {std::size_t{5'000'000}, std::size_t{1}, std::size_t{70'000}, std::size_t{6'000'000}}) {
    const std::string part = much.substr(0, bytes);
    expected += part;
    if (bytes % 2 == 0) {
      pair.socket->send_owned(std::string(part));
    } else {
      pair.socket->send(part);
    }
  }
  EXPECT_GT(pair.socket->queued_bytes(), 0U);
  pair.socket->close_after_sending();
  const std::string got = pair.read_all(std::chrono::seconds(10));
  EXPECT_EQ(got.size(), expected.size());
  EXPECT_TRUE(got == expected);
}

TEST(TcpConnection, a_peer_that_never_reads_does_not_keep_a_closing_connection_open) {
  Pair pair;
  pair.loop.impl().last_bytes_time = std::chrono::milliseconds(50);
  pair.socket->send_owned(pattern(20'000'000));
  ASSERT_GT(pair.socket->queued_bytes(), 0U);
  pair.socket->close_after_sending();
  pair.socket->detach();
  const std::weak_ptr<Socket> left = pair.socket;
  pair.socket.reset();
  const auto ends = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!left.expired() && std::chrono::steady_clock::now() < ends) {
    pair.loop.impl().io.restart();
    pair.loop.impl().io.run_one_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(left.expired());
}

TEST(TcpConnection, a_dead_machine_is_noticed_in_time) {
  Pair pair;
  const auto option = [&](int name) {
    int value = 0;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(pair.peer.native_handle(), IPPROTO_TCP, name, &value, &size), 0);
    return value;
  };
  send_frequent_probes(pair.peer);
  EXPECT_LE(option(TCP_KEEPIDLE) + option(TCP_KEEPINTVL) * option(TCP_KEEPCNT), 30);
  EXPECT_EQ(option(TCP_USER_TIMEOUT), 0);
  limit_unconfirmed_time(pair.peer, 10'000);
  EXPECT_EQ(option(TCP_USER_TIMEOUT), 10'000);
}

// Records its calls and answers as configured.
struct Listening : env::ConnectionHandler {
  void on_data(std::string_view bytes) override { heard += bytes; }
  void on_closed(std::string_view) override { heard += "|closed"; }
  bool on_end_of_input() override {
    heard += "|end";
    return answers_on;
  }
  std::string heard;
  bool answers_on = false;
};

TEST(TcpConnection, a_peer_that_shut_down_its_sending_side_can_still_be_answered) {
  for (const bool answers_on : {true, false}) {
    Pair pair;
    Listening handler;
    handler.answers_on = answers_on;
    pair.socket->attach(&handler);
    pair.socket->start_reading();
    asio::write(pair.peer, asio::buffer(std::string_view("stat")));
    pair.peer.shutdown(tcp::socket::shutdown_send);
    const std::string due = answers_on ? "stat|end" : "stat|end|closed";
    // The kernel may take some time to deliver the bytes.
    const auto ends = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (handler.heard.size() < due.size() && std::chrono::steady_clock::now() < ends) {
      pair.loop.impl().io.restart();
      pair.loop.impl().io.run_one_for(std::chrono::milliseconds(100));
    }
    EXPECT_EQ(handler.heard, due);
    pair.socket->resume_reading();
    pair.socket->send("the answer");
    pair.socket->close_after_sending();
    EXPECT_EQ(pair.read_all(std::chrono::seconds(10)), answers_on ? "the answer" : "");
  }
}

}  // namespace
}  // namespace quoll::os
