// What an operator is told about a port that can't be opened.
#include "os/network.h"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "os/console_log.h"
#include "os/loop_impl.h"
#include "tls/testing.h"

namespace quoll::os {
namespace {

struct NetworkTest : ::testing::Test {
  std::expected<std::unique_ptr<env::Listener>, std::string> listen(const std::string& host, std::uint16_t port) {
    return network.listen({host, port, -1, env::Security::plain, env::ListenOptions::plain_tcp},
                          [](std::unique_ptr<env::Connection>) -> env::ConnectionHandler* { return nullptr; });
  }
  Loop loop;
  ConsoleLog log{env::Level::error};
  TcpNetwork network{loop, log};
};

TEST_F(NetworkTest, a_port_in_use_is_reported_with_its_key_and_owner) {
  const auto first = listen("127.0.0.1", 0);
  ASSERT_TRUE(first) << first.error();
  const std::uint16_t port = (*first)->local().port;
  network.name_port(port, "clientPort, zoo.cfg:3");
  const auto second = listen("127.0.0.1", port);
  ASSERT_FALSE(second);
  const auto expected = fmt::format(
      "cannot listen on 127.0.0.1:{} (clientPort, zoo.cfg:3): already in use by pid {} (os_test", port, ::getpid());
  EXPECT_TRUE(second.error().starts_with(expected)) << second.error();
  EXPECT_TRUE(second.error().ends_with("Stop that process, or choose another port")) << second.error();
}

TEST_F(NetworkTest, an_address_of_another_machine_is_reported_as_such) {
  network.name_port(2181, "clientPort, zoo.cfg:3");
  const auto listener = listen("192.0.2.1", 2181);
  ASSERT_FALSE(listener);
  EXPECT_TRUE(listener.error().starts_with("cannot listen on 192.0.2.1:2181 (clientPort, zoo.cfg:3): "))
      << listener.error();
  EXPECT_TRUE(listener.error().ends_with("this machine has no such address (see: ip address)")) << listener.error();
}

TEST_F(NetworkTest, an_unresolvable_name_is_reported_with_its_key) {
  network.name_port(2181, "clientPort, zoo.cfg:3");
  const auto listener = listen("nosuchhost.invalid", 2181);
  ASSERT_FALSE(listener);
  EXPECT_TRUE(listener.error().starts_with("cannot resolve nosuchhost.invalid: ")) << listener.error();
  EXPECT_TRUE(listener.error().ends_with("(clientPort, zoo.cfg:3)")) << listener.error();
}

TEST_F(NetworkTest, new_connections_beyond_a_rate_wait) {
  env::ListenOptions options{.host = "127.0.0.1"};
  options.accepts_per_second_max = 20;  // 2 in a tenth
  int accepted = 0;
  int turns = 0;
  const auto listener = network.listen(options, [&](std::unique_ptr<env::Connection>) -> env::ConnectionHandler* {
    // Within one turn of the loop's timer, two are accepted at most.
    EXPECT_LE(++turns, 2);
    if (++accepted == 5) loop.stop();
    return nullptr;
  });
  ASSERT_TRUE(listener) << listener.error();
  std::vector<boost::asio::ip::tcp::socket> clients;
  for (int i = 0; i < 5; ++i) {
    auto& client = clients.emplace_back(loop.impl().io);
    client.connect({boost::asio::ip::make_address("127.0.0.1"), (*listener)->local().port});
  }
  std::unique_ptr<env::Timer> timer;
  std::function<void()> next = [&] {
    turns = 0;
    timer = loop.after(1, next);
  };
  (*listener)->start_accepting();
  timer = loop.after(1, next);
  loop.run();
  EXPECT_EQ(accepted, 5);
}

TEST_F(NetworkTest, a_connection_to_a_tls_port_reaches_the_server_before_its_handshake) {
  tls::testing::MemoryDisk disk;
  network.set_tls(tls::Context::create(disk, tls::testing::server_options(), tls::Role::server).value());
  int accepted = 0;
  const auto listener = network.listen({"127.0.0.1", 0, -1, env::Security::tls, env::ListenOptions::plain_tcp},
                                       [&](std::unique_ptr<env::Connection> connection) -> env::ConnectionHandler* {
                                         EXPECT_EQ(connection->tls(), nullptr);
                                         ++accepted;
                                         loop.stop();
                                         return nullptr;
                                       });
  ASSERT_TRUE(listener) << listener.error();
  (*listener)->start_accepting();
  boost::asio::ip::tcp::socket client(loop.impl().io);
  client.connect({boost::asio::ip::make_address("127.0.0.1"), (*listener)->local().port});
  loop.run();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(network.handshakes().under_way(), 0);
}

}  // namespace
}  // namespace quoll::os
