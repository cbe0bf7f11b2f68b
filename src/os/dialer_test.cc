// Outgoing connections over real sockets.
#include "os/dialer.h"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include "os/console_log.h"
#include "os/loop_impl.h"
#include "os/network.h"
#include "tls/testing.h"

namespace quoll::os {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// Records its events and stops the loop at each.
struct Dialling : env::DialHandler {
  explicit Dialling(Loop& l) : loop(l) {}
  void on_connected() override { note("connected"); }
  void on_data(std::string_view bytes) override { note(bytes); }
  void on_closed(std::string_view why) override { note("closed: " + std::string(why)); }
  void note(std::string_view what) {
    events += (events.empty() ? "" : "|") + std::string(what);
    loop.stop();
  }
  Loop& loop;
  std::string events;
};

// The accepted end: sends back what it gets, with a mark in front.
struct Echo : env::ConnectionHandler {
  void on_data(std::string_view bytes) override { connection->send("echo " + std::string(bytes)); }
  void on_closed(std::string_view) override { is_closed = true; }
  std::unique_ptr<env::Connection> connection;
  bool is_closed = false;
};

struct DialerTest : ::testing::Test {
  std::unique_ptr<env::Listener> listen() {
    auto listener = network.listen({.host = "127.0.0.1"}, [this](std::unique_ptr<env::Connection> connection) {
      echo.connection = std::move(connection);
      echo.connection->attach(echo);
      return &echo;
    });
    EXPECT_TRUE(listener);
    (*listener)->start_accepting();
    return std::move(*listener);
  }
  // A port at which nobody listens.
  std::uint16_t closed_port() {
    tcp::acceptor acceptor(loop.impl().io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    return acceptor.local_endpoint().port();
  }
  Loop loop;
  ConsoleLog log{env::Level::error};
  TcpNetwork network{loop, log};
  TcpDialer dialer{loop};
  Echo echo;
  Dialling handler{loop};
};

TEST_F(DialerTest, bytes_are_exchanged_over_a_dialled_connection) {
  const auto listener = listen();
  auto connection = dialer.dial({"127.0.0.1", listener->local().port}, handler);
  EXPECT_EQ(handler.events, "") << "nothing is told from inside the call";
  EXPECT_EQ(connection->queued_bytes(), 0U);
  loop.run();
  ASSERT_EQ(handler.events, "connected");
  EXPECT_EQ(connection->peer().port, listener->local().port);
  EXPECT_EQ(connection->local().host, "127.0.0.1");
  connection->send("hello");
  loop.run();
  EXPECT_EQ(handler.events, "connected|echo hello");
  echo.connection.reset();
  loop.run();
  EXPECT_EQ(handler.events, "connected|echo hello|closed: the peer closed the connection");
}

TEST_F(DialerTest, each_address_of_a_name_is_tried) {
  const auto listener = listen();  // on 127.0.0.1 only; "localhost" may be ::1, too
  auto connection = dialer.dial({"localhost", listener->local().port}, handler);
  loop.run();
  EXPECT_EQ(handler.events, "connected");
  EXPECT_EQ(connection->peer().host, "127.0.0.1");
}

TEST_F(DialerTest, a_refusal_is_told) {
  auto connection = dialer.dial({"127.0.0.1", closed_port()}, handler);
  EXPECT_EQ(handler.events, "");
  loop.run();
  EXPECT_EQ(handler.events, "closed: connection refused");
}

TEST_F(DialerTest, an_unknown_name_is_told) {
  auto connection = dialer.dial({"nosuchhost.invalid", 2888}, handler);
  EXPECT_EQ(connection->peer().host, "nosuchhost.invalid");
  loop.run();
  EXPECT_TRUE(handler.events.starts_with("closed: the name is unknown: ")) << handler.events;
}

// A listener whose queue is full: Linux drops what else comes.
TEST_F(DialerTest, no_answer_in_time_is_told) {
  tcp::acceptor acceptor(loop.impl().io);
  acceptor.open(tcp::v4());
  acceptor.bind({asio::ip::address_v4::loopback(), 0});
  acceptor.listen(0);
  std::vector<std::unique_ptr<Dialling>> fillers;
  std::vector<std::unique_ptr<env::Connection>> filling;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(std::make_unique<Dialling>(loop));
    filling.push_back(dialer.dial({"127.0.0.1", acceptor.local_endpoint().port(), 600'000}, *fillers.back()));
  }
  auto connection = dialer.dial({"127.0.0.1", acceptor.local_endpoint().port(), 20}, handler);
  while (handler.events.empty()) loop.run();
  EXPECT_EQ(handler.events, "closed: no answer within 20 ms");
}

TEST_F(DialerTest, tls_without_a_key_store_is_refused_and_not_left_out) {
  const auto listener = listen();
  auto connection = dialer.dial({"127.0.0.1", listener->local().port, 5000, env::Security::tls}, handler);
  EXPECT_EQ(handler.events, "");
  loop.run();
  EXPECT_EQ(handler.events, "closed: TLS is asked for, but there is no key store");
}

TEST_F(DialerTest, bytes_are_exchanged_over_tls_and_false_servers_are_refused) {
  tls::testing::MemoryDisk disk;
  // 0: any port of this test.
  network.set_quorum_tls(tls::Context::create(disk, tls::testing::server_options(), tls::Role::server).value(), {0});
  const auto listen_with = [&](env::Security security) {
    auto listener = network.listen({.host = "127.0.0.1", .security = security},
                                   [this](std::unique_ptr<env::Connection> connection) {
                                     echo.connection = std::move(connection);
                                     echo.connection->attach(echo);
                                     return &echo;
                                   });
    EXPECT_TRUE(listener) << listener.error();
    (*listener)->start_accepting();
    return std::move(*listener);
  };
  const auto secure = listen_with(env::Security::tls);
  const auto plain = listen_with(env::Security::plain);
  struct Case {
    std::string trust;
    std::string host;
    std::uint16_t port;
    std::string end;  // empty: it works
  };
  for (const Case& each : std::vector<Case>{{"ca.pem", "localhost", secure->local().port, ""},
                                            {"ca.pem", "127.0.0.1", secure->local().port, ""},
                                            {"other_ca.pem", "localhost", secure->local().port, "certificate"},
                                            {"ca.pem", "127.0.0.1", plain->local().port, "plain text"}}) {
    tls::Options options = tls::testing::client_options("server.pem");
    options.trust_store.path = each.trust;
    dialer.set_tls(tls::Context::create(disk, options, tls::Role::client).value(), log);
    Dialling one(loop);
    auto connection = dialer.dial({each.host, each.port, 5000, env::Security::tls}, one);
    while (one.events.empty()) loop.run();
    EXPECT_TRUE(each.end.empty() ? one.events == "connected" : one.events.contains(each.end)) << one.events;
    if (!each.end.empty()) continue;
    connection->send("hello");
    loop.run();
    EXPECT_EQ(one.events, "connected|echo hello");
    ASSERT_NE(connection->tls(), nullptr);
    EXPECT_TRUE(connection->tls()->subject.contains("CN=server"));
  }
}

TEST_F(DialerTest, destroying_the_connection_cancels_it_at_any_time) {
  const auto listener = listen();
  for (const std::string host : {"127.0.0.1", "localhost", "nosuchhost.invalid"}) {
    auto connection = dialer.dial({host, listener->local().port}, handler);
    connection.reset();
  }
  auto last = dialer.dial({"localhost", listener->local().port}, handler);
  loop.run();
  EXPECT_EQ(handler.events, "connected") << "of the last one alone";
}

// Destroys its connection from inside its events.
struct Fickle : Dialling {
  using Dialling::Dialling;
  void on_connected() override {
    connection.reset();
    Dialling::on_connected();
  }
  void on_closed(std::string_view why) override {
    connection.reset();
    Dialling::on_closed(why);
  }
  std::unique_ptr<env::Connection> connection;
};

TEST_F(DialerTest, a_handler_may_destroy_the_connection_in_its_events) {
  const auto listener = listen();
  Fickle fickle(loop);
  fickle.connection = dialer.dial({"127.0.0.1", listener->local().port}, fickle);
  loop.run();
  EXPECT_EQ(fickle.events, "connected");
  Fickle refused(loop);
  refused.connection = dialer.dial({"127.0.0.1", closed_port()}, refused);
  loop.run();
  EXPECT_EQ(refused.events, "closed: connection refused");
}

}  // namespace
}  // namespace quoll::os
