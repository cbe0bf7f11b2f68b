// The port in a simulated world: what its clients get, its limits, and its share of the loop.
#include "http/port.h"

#include <deque>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/client.h"
#include "sim/world.h"

namespace quoll::http {
namespace {

constexpr std::uint16_t kPort = 8080;

// 1000 lines of 100 bytes, one in each step.
class Lines : public Content {
 public:
  Then append_more(std::string& out) override {
    out.append(99, static_cast<char>('a' + at_ % 26));
    out += '\n';
    return ++at_ == 1000 ? Then::done : Then::more;
  }

 private:
  int at_ = 0;
};

class Breaks : public Content {
 public:
  Then append_more(std::string& out) override {
    out += std::string(40000, 'x');
    return std::exchange(begun_, true) ? Then::broken : Then::more;
  }

 private:
  bool begun_ = false;
};

// Has nothing for a while, then a head that was not known before, then two parts with another pause between them.
class Late : public Content {
 public:
  explicit Late(env::Timers& timers) : timers_(timers) {}
  void on_wait(const std::function<void()>& wake) override {
    wake_ = wake;
    next();
  }
  Then append_more(std::string& out) override {
    ++asked;
    if (!is_there_) return Then::waits;
    is_there_ = false;
    out += std::string(40'000, static_cast<char>('a' + part_));
    if (++part_ == 2) return Then::done;
    next();
    return Then::more;
  }
  void complete_head(Answer& answer) override {
    answer.status = 203;
    answer.length = 80'000;
    answer.headers.emplace_back("late", "yes");
  }
  static inline int asked = 0;

 private:
  void next() {
    timer_ = timers_.after(500, [this] {
      is_there_ = true;
      wake_();
    });
  }
  env::Timers& timers_;
  std::function<void()> wake_;
  std::unique_ptr<env::Timer> timer_;
  bool is_there_ = false;
  int part_ = 0;
};

class Echo : public Handler {
 public:
  Answer answer(const Request& request) override {
    ++count;
    if (request.path == "/long") return {.content = std::make_unique<Lines>()};
    if (request.path == "/late") return {.content = std::make_unique<Late>(*timers)};
    if (request.path == "/breaks") return {.content = std::make_unique<Breaks>()};
    return {.type = "text/plain", .text = request.path};
  }
  int count = 0;
  env::Timers* timers = nullptr;
};

class PortTest : public ::testing::Test {
 public:
  void open(Options options = {}) {
    echo.timers = &world.env().timers;
    port.emplace(world.env(), options, echo);
    ASSERT_TRUE(port->open({.port = kPort}));
  }
  sim::Client& dial() {
    sim::Client& client = clients.emplace_back(world, kPort);
    client.keep_raw();
    client.dial();
    world.run_for(5);
    return client;
  }
  // Everything that a new client gets for `bytes` within a while.
  std::string ask(std::string_view bytes, std::int64_t ms = 1000) {
    sim::Client& client = dial();
    client.send_raw(bytes);
    world.run_for(ms);
    return client.raw();
  }
  static std::string body(const std::string& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }
  static std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }

  sim::World world{1};
  Echo echo;
  std::optional<Port> port;
  std::deque<sim::Client> clients;
};

TEST_F(PortTest, an_answer_that_is_not_there_yet_is_waited_for_without_work) {
  open();
  Late::asked = 0;
  const std::string answer = ask("GET /late HTTP/1.1\r\n\r\nGET /a HTTP/1.1\r\n\r\n", 5000);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 203 ")) << answer.substr(0, 100);
  EXPECT_NE(answer.find("\r\nlate: yes\r\n"), std::string::npos);
  EXPECT_NE(answer.find("\r\nContent-Length: 80000\r\n"), std::string::npos);
  EXPECT_NE(body(answer).find(std::string(40'000, 'a') + std::string(40'000, 'b') + "HTTP/1.1 200"), std::string::npos)
      << "and the next request is answered";
  EXPECT_LE(Late::asked, 5);
}

TEST_F(PortTest, a_client_that_leaves_while_its_answer_is_waited_for_is_forgotten) {
  open();
  for (const char* text : {"GET /late HTTP/1.1\r\n\r\n", "HEAD /late HTTP/1.1\r\n\r\n"}) {
    sim::Client& client = dial();
    client.send_raw(text);
    world.run_for(100);
    client.drop();
    world.run_for(3000);
    EXPECT_EQ(port->connection_count(), 0U);
  }
}

TEST_F(PortTest, requests_are_answered_one_after_another_on_one_connection) {
  open();
  sim::Client& client = dial();
  client.send_raw("GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\nConnection: close\r\n\r\n");
  world.run_for(1000);
  EXPECT_EQ(count(client.raw(), "HTTP/1.1 200 OK"), 3U);
  EXPECT_NE(client.raw().find("\r\n\r\n/aHTTP"), std::string::npos) << client.raw();
  EXPECT_TRUE(client.raw().ends_with("/c"));
  EXPECT_TRUE(client.is_closed());
  EXPECT_EQ(port->connection_count(), 0U);
}

TEST_F(PortTest, head_gets_no_body_and_old_clients_get_no_chunks) {
  open();
  EXPECT_TRUE(ask("HEAD /abc HTTP/1.1\r\n\r\n").ends_with("Content-Length: 4\r\n\r\n"));
  const std::string chunked = ask("GET /long HTTP/1.1\r\n\r\n", 5000);
  EXPECT_NE(chunked.find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_TRUE(chunked.ends_with("\r\n0\r\n\r\n"));
  EXPECT_EQ(count(chunked, "\n"), 1000 + count(chunked, "\r\n"));
  const std::string old = ask("GET /long HTTP/1.0\r\n\r\n", 5000);
  EXPECT_EQ(body(old).size(), 100'000U);
  EXPECT_TRUE(ask("HEAD /long HTTP/1.1\r\n\r\n", 5000).ends_with("\r\n\r\n"));
}

TEST_F(PortTest, an_answer_that_breaks_off_ends_with_the_connection) {
  open();
  const std::string got = ask("GET /breaks HTTP/1.1\r\n\r\n");
  EXPECT_FALSE(got.ends_with("0\r\n\r\n"));
  EXPECT_TRUE(clients.back().is_closed());
}

TEST_F(PortTest, a_client_that_has_shut_down_its_side_still_gets_its_answer) {
  open();
  sim::Client& client = dial();
  client.send_raw("GET /a HTTP/1.1\r\n\r\n");
  client.finish();
  world.run_for(100);
  EXPECT_TRUE(client.raw().ends_with("/a"));
  EXPECT_TRUE(client.is_closed());
}

TEST_F(PortTest, bad_requests_get_a_status_and_the_connection_is_closed) {
  open();
  EXPECT_TRUE(ask("\x16\x03\x01 hello\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(clients.back().is_closed());
  EXPECT_TRUE(ask(fmt::format("GET /{:a>9000}", "")).starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(ask("POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n").starts_with("HTTP/1.1 413 "));
  EXPECT_EQ(echo.count, 0);
  EXPECT_EQ(port->connection_count(), 0U);
}

TEST_F(PortTest, permission_for_a_body_is_given_once) {
  open();
  sim::Client& client = dial();
  client.send_raw("POST /x HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  world.run_for(100);
  EXPECT_EQ(client.raw(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send_raw("abc");
  world.run_for(100);
  EXPECT_TRUE(client.raw().ends_with("/x"));
  EXPECT_EQ(count(client.raw(), "100 Continue"), 1U);
}

TEST_F(PortTest, a_connection_without_a_whole_request_is_closed_in_time) {
  open({.idle_ms = 5000});
  dial();
  sim::Client& slow = dial();
  slow.send_raw("GET /");
  for (int i = 0; i < 20; ++i) {
    slow.send_raw("a");
    world.run_for(200);
  }
  EXPECT_EQ(port->connection_count(), 2U);
  world.run_for(4000);
  EXPECT_EQ(port->connection_count(), 0U);
  EXPECT_TRUE(slow.is_closed());
}

TEST_F(PortTest, a_client_that_does_not_read_gets_only_some_bytes_and_is_closed_in_time) {
  open({.idle_ms = 5000, .unread_bytes_max = 1000});
  sim::Client& client = dial();
  client.stop_reading();
  client.send_raw("GET /long HTTP/1.1\r\n\r\n");
  world.run_for(3000);
  EXPECT_EQ(port->connection_count(), 1U);
  EXPECT_LT(world.env().network.queued_bytes(), 80'000U);
  world.run_for(5000);
  EXPECT_EQ(port->connection_count(), 0U);
}

TEST_F(PortTest, a_new_connection_takes_the_place_of_the_one_that_has_waited_longest) {
  open({.connections_max = 3});
  sim::Client& first = dial();
  world.run_for(100);
  dial();
  sim::Client& third = dial();
  EXPECT_TRUE(ask("GET /d HTTP/1.1\r\n\r\n").ends_with("/d"));
  EXPECT_TRUE(first.is_closed());
  EXPECT_FALSE(third.is_closed());
  EXPECT_EQ(port->connection_count(), 3U);
}

TEST_F(PortTest, all_clients_together_take_a_tenth_of_the_loop_at_most) {
  open({.connections_max = 20});
  for (int i = 0; i < 20; ++i) {
    std::string many;
    for (int n = 0; n < 200; ++n) many += "GET /a HTTP/1.1\r\n\r\n";
    dial().send_raw(many);
  }
  const std::int64_t before_us = world.clock.elapsed_us();
  const std::int64_t asked_before_us = world.clock.asked_us();
  world.clock.us_per_question = 100;
  world.run_for(5000);
  const std::int64_t worked_us = world.clock.asked_us() - asked_before_us;
  EXPECT_GT(echo.count, 100);
  EXPECT_LT(worked_us, (world.clock.elapsed_us() - before_us) * 15 / 100);
}

}  // namespace
}  // namespace quoll::http
