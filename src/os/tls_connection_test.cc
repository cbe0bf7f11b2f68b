// Which clients a TLS port accepts, from the first byte on. Clients are TLS engines; the test controls the clock and
// the timers.
#include "os/tls_connection.h"

#include <gtest/gtest.h>

#include "tls/testing.h"

namespace quoll::os {
namespace {

struct FakeClock : env::Clock {
  [[nodiscard]] std::int64_t wall_ms() const override { return now_ms; }
  [[nodiscard]] std::int64_t elapsed_us() const override { return now_ms * 1000; }
  std::int64_t now_ms = 0;
};

// Timers that run only when the test fires them.
struct FakeTimers : env::Timers {
  struct Waiting : env::Timer {
    Waiting(FakeTimers& all, std::move_only_function<void()> call) : owner(all), then(std::move(call)) {
      owner.waiting.push_back(this);
    }
    ~Waiting() override { std::erase(owner.waiting, this); }
    FakeTimers& owner;
    std::move_only_function<void()> then;
  };
  std::unique_ptr<env::Timer> after(std::int64_t delay_ms, std::move_only_function<void()> then) override {
    last_delay_ms = delay_ms;
    return std::make_unique<Waiting>(*this, std::move(then));
  }
  void post(std::move_only_function<void()> then) override { then(); }
  void fire() {
    auto call = std::move(waiting.front()->then);
    call();
  }
  std::vector<Waiting*> waiting;
  std::int64_t last_delay_ms = 0;
};

struct SilentLog : env::Log {
  void write(env::Level, std::string_view line) override { lines.emplace_back(line); }
  [[nodiscard]] bool enabled(env::Level) const override { return true; }
  std::vector<std::string> lines;
};

struct Wire : env::Connection {
  explicit Wire(std::string& sent_bytes) : sent(sent_bytes) {}
  void attach(env::ConnectionHandler& to) override { handler = &to; }
  void send(std::string_view bytes) override { sent += bytes; }
  void close_after_sending() override { closed = true; }
  void pause_reading() override {}
  void resume_reading() override {}
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
  [[nodiscard]] const env::Address& peer() const override { return address; }
  [[nodiscard]] const env::Address& local() const override { return address; }
  [[nodiscard]] const env::TlsPeer* tls() const override { return nullptr; }
  env::ConnectionHandler* handler = nullptr;
  std::string& sent;
  bool closed = false;
  env::Address address{"127.0.0.1", 4711};
};

struct Server : env::ConnectionHandler {
  void on_data(std::string_view bytes) override { heard += bytes; }
  void on_closed(std::string_view why) override { end = why; }
  std::string heard;
  std::string end;
};

struct TlsConnectionTest : ::testing::Test {
  // One client connection, seen from the server.
  struct Session {
    Session(TlsConnectionTest& test, env::Security security) {
      auto wire = std::make_unique<Wire>(sent);
      lower = wire.get();
      connection = std::make_unique<TlsConnection>(
          std::move(wire), TlsConnection::Terms{test.timers, test.handshakes, test.context, security});
      connection->attach(server);
      connection->begin();
    }
    void hear(std::string_view bytes) { lower->handler->on_data(bytes); }
    // Transfers bytes between the client's engine and the server until both have nothing to send.
    void talk(tls::Engine& client) {
      client.start();
      while (!client.to_send().empty() || !sent.empty()) {
        const std::string to_server = std::exchange(client.to_send(), {});
        if (!to_server.empty()) hear(to_server);
        client.feed(std::exchange(sent, {}));
      }
    }
    std::string sent;
    Server server;
    Wire* lower = nullptr;
    std::unique_ptr<TlsConnection> connection;
  };
  std::unique_ptr<Session> session(env::Security security = env::Security::tls) {
    return std::make_unique<Session>(*this, security);
  }

  FakeClock clock;
  FakeTimers timers;
  SilentLog log;
  tls::testing::MemoryDisk disk;
  std::shared_ptr<tls::Context> context =
      tls::Context::create(disk, tls::testing::server_options(), tls::Role::server).value();
  std::shared_ptr<tls::Context> client_context =
      tls::Context::create(disk, tls::testing::client_options("client.pem"), tls::Role::client).value();
  Handshakes handshakes{clock, log};
};

TEST_F(TlsConnectionTest, requests_reach_the_server_only_after_the_handshake) {
  const auto one = session();
  EXPECT_EQ(handshakes.under_way(), 1);
  EXPECT_EQ(one->connection->tls(), nullptr);
  tls::Engine client(*client_context, "localhost");
  client.write("request");
  one->talk(client);
  EXPECT_EQ(one->server.heard, "request");
  ASSERT_NE(one->connection->tls(), nullptr);
  EXPECT_TRUE(one->connection->tls()->subject.contains("CN=client one"));
  EXPECT_EQ(handshakes.under_way(), 0);
  EXPECT_TRUE(timers.waiting.empty());
  one->connection->send("reply");
  one->talk(client);
  EXPECT_EQ(client.received(), "reply");
}

TEST_F(TlsConnectionTest, a_tls_port_accepts_no_plain_client) {
  for (const std::string_view plain :
       {std::string_view("\0\0\0\x2d\0\0\0\0", 8), std::string_view("ruok"), std::string_view("GET / HTTP/1.1")}) {
    const auto one = session(env::Security::tls);
    one->hear(plain);
    EXPECT_EQ(one->server.heard, "");
    EXPECT_EQ(one->server.end, "the client sent plain text, but this port accepts TLS only");
    EXPECT_TRUE(one->lower->closed);
  }
  EXPECT_EQ(handshakes.failed(), 3);
  EXPECT_EQ(handshakes.under_way(), 0);
}

TEST_F(TlsConnectionTest, a_port_for_both_accepts_both_and_four_letter_words) {
  for (const std::string_view plain : {std::string_view("\0\0\0\x2d\0", 5), std::string_view("ruok")}) {
    const auto one = session(env::Security::tls_or_plain);
    for (const char byte : plain) one->hear({&byte, 1});
    EXPECT_EQ(one->server.heard, plain);
    EXPECT_EQ(one->connection->tls(), nullptr);
    one->connection->send("imok");
    EXPECT_EQ(one->sent, "imok");
  }
  const auto secure = session(env::Security::tls_or_plain);
  tls::Engine client(*client_context, "localhost");
  client.write("request");
  secure->talk(client);
  EXPECT_EQ(secure->server.heard, "request");
  EXPECT_NE(secure->connection->tls(), nullptr);
  EXPECT_EQ(handshakes.failed(), 0);
}

TEST_F(TlsConnectionTest, a_handshake_has_a_deadline) {
  const auto one = session();
  EXPECT_EQ(timers.last_delay_ms, 5000);
  timers.fire();
  EXPECT_EQ(one->server.end, "the TLS handshake took too long");
  EXPECT_TRUE(one->lower->closed);
  EXPECT_EQ(handshakes.under_way(), 0);
  // On a port for both, a silent client counts as a plain client that waits.
  const auto silent = session(env::Security::tls_or_plain);
  timers.fire();
  EXPECT_EQ(silent->server.end, "");
  silent->hear("ruok");
  EXPECT_EQ(silent->server.heard, "ruok");
}

TEST_F(TlsConnectionTest, a_closed_connection_releases_its_place) {
  auto one = session();
  auto two = session();
  EXPECT_EQ(handshakes.under_way(), 2);
  one->lower->handler->on_closed("reset by peer");
  EXPECT_EQ(one->server.end, "reset by peer");
  EXPECT_EQ(handshakes.under_way(), 1);
  two.reset();
  EXPECT_EQ(handshakes.under_way(), 0);
  EXPECT_TRUE(timers.waiting.empty());
}

TEST_F(TlsConnectionTest, above_the_limit_a_stalled_handshake_is_closed_or_the_new_one_refused) {
  std::vector<std::unique_ptr<Session>> all;
  for (int i = 0; i < kHandshakesMax; ++i) all.push_back(session());
  clock.now_ms = kStalledHandshakeMs - 1;
  const auto early = session();
  EXPECT_EQ(early->server.end, "too many TLS handshakes are in progress");
  EXPECT_EQ(handshakes.refused(), 1);
  tls::Engine client(*client_context, "localhost");
  client.start();
  all[0]->hear(client.to_send().substr(0, 10));  // the first handshake makes progress
  clock.now_ms = kStalledHandshakeMs;
  const auto late = session();
  EXPECT_EQ(late->server.end, "");
  EXPECT_EQ(all[0]->server.end, "");
  EXPECT_TRUE(all[1]->server.end.contains("others need its place")) << all[1]->server.end;
  EXPECT_EQ(handshakes.under_way(), kHandshakesMax);
}

TEST_F(TlsConnectionTest, above_the_operators_limit_the_next_handshake_is_refused) {
  handshakes.set_limit(2);
  const auto one = session();
  auto two = session();
  const auto three = session();
  EXPECT_EQ(three->server.end, "too many TLS handshakes are in progress");
  EXPECT_TRUE(log.lines.back().contains("netty.server.outstandingHandshake.limit")) << log.lines.back();
  two.reset();
  EXPECT_EQ(session()->server.end, "");
}

TEST_F(TlsConnectionTest, a_handshake_has_a_limit_of_bytes) {
  const auto one = session();
  // A ClientHello of 130,000 bytes, in records of 1000.
  std::string hello("\x01\x01\xfb\xd0", 4);
  hello.resize(130'004, 'x');
  for (std::size_t at = 0; at < hello.size() && one->server.end.empty(); at += 1000) {
    const std::string part = hello.substr(at, 1000);
    std::string record("\x16\x03\x01", 3);
    record += static_cast<char>(part.size() >> 8);
    record += static_cast<char>(part.size() & 0xff);
    one->hear(record + part);
    EXPECT_LE(at, kHandshakeBytesMax);
  }
  EXPECT_FALSE(one->server.end.empty());
  EXPECT_EQ(one->server.heard, "");
}

}  // namespace
}  // namespace quoll::os
