// What a server answers to a client: any bytes, in any pieces. The client survives them, and each call ends once.
//
// The first byte says what the rest is: 0, the bodies of answers to a list of calls, each after two bytes of length; 1,
// bytes after a good answer to the connect request; 2, bytes from the beginning. The second byte is the size of the
// pieces in which they arrive.
#include "client/client.h"

#include <array>

#include "fuzz/target.h"
#include "sim/machine.h"
#include "wire/frame.h"

using namespace quoll;

namespace {

// A connection whose other end is the input.
class Wire : public env::Connection {
 public:
  explicit Wire(env::DialHandler*& handler) : handler_(handler) {}
  ~Wire() override { handler_ = nullptr; }
  void attach(env::ConnectionHandler&) override {}
  void send(std::string_view) override {}
  void close_after_sending() override {}
  void pause_reading() override {}
  void resume_reading() override {}
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
  [[nodiscard]] const env::Address& peer() const override { return address_; }
  [[nodiscard]] const env::Address& local() const override { return address_; }
  [[nodiscard]] const env::TlsPeer* tls() const override { return nullptr; }

 private:
  env::DialHandler*& handler_;
  env::Address address_;
};

class Dialer : public env::Dialer {
 public:
  [[nodiscard]] std::unique_ptr<env::Connection> dial(const env::DialOptions&, env::DialHandler& given) override {
    ++count;
    auto wire = std::make_unique<Wire>(handler);
    handler = &given;
    return wire;
  }
  env::DialHandler* handler = nullptr;  // of the connection that is open
  int count = 0;
};

void put_greeting(std::string& out) {
  wire::Frame frame(out);
  frame.writer().put(ConnectResponse{0, 10'000, 77, std::string_view("0123456789abcdef"), {}});
}

void put_answer(std::int32_t xid, std::string_view body, std::string& out) {
  wire::Frame frame(out);
  frame.writer().put(ReplyHeader{xid, xid, 0});
  out += body;
}

// Every operation once, in an order that the harness's answers follow.
int make_calls(client::Client& zk, int& answered) {
  const auto done = [&answered](const auto&) { ++answered; };
  zk.create("/a", "x", {}, done);
  zk.remove("/a", -1, done);
  zk.exists("/a", nullptr, done);
  zk.get("/a", nullptr, done);
  zk.set("/a", "x", -1, done);
  zk.get_acl("/a", done);
  zk.set_acl("/a", open_acl_unsafe(), -1, done);
  zk.children("/a", nullptr, done);
  zk.sync("/a", done);
  zk.multi({client::op::Check{"/a"}, client::op::Set{"/a", "x"}}, done);
  zk.multi_read({client::op::Get{"/a"}, client::op::List{"/a"}}, done);
  zk.add_watch("/a", client::AddWatchMode::persistent, nullptr, done);
  zk.remove_watches("/a", client::WatcherType::any, client::Client::Local::no, done);
  zk.config(nullptr, done);
  zk.reconfigure({}, done);
  zk.who_am_i(done);
  zk.ephemerals("/", done);
  zk.all_children_number("/", done);
  constexpr int kCalls = 18;
  return kCalls;
}

std::string bytes_of(std::uint8_t mode, std::string_view rest) {
  std::string bytes;
  if (mode % 3 != 2) put_greeting(bytes);
  if (mode % 3 != 0) return bytes.append(rest);
  for (std::int32_t xid = 1; rest.size() >= 2; ++xid) {
    const std::size_t length = (static_cast<std::uint8_t>(rest[0]) << 8U | static_cast<std::uint8_t>(rest[1])) % 1024U;
    rest.remove_prefix(2);
    put_answer(xid, rest.substr(0, length), bytes);
    rest.remove_prefix(std::min(length, rest.size()));
  }
  return bytes;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  sim::Simulation simulation(1);
  sim::Machine machine(simulation, "client", "10.0.0.1");
  Dialer dialer;
  client::Options options;
  options.servers = {{"server", 2181}};
  options.session_timeout_ms = 10'000;
  options.reply_bytes_max = 1 << 20;
  client::Client zk({machine.clock, machine.timers, machine.random, dialer}, options);
  int answered = 0;
  const int calls = make_calls(zk, answered);
  simulation.run_until([&] { return dialer.handler != nullptr; });
  dialer.handler->on_connected();
  const std::string bytes = bytes_of(data[0], fuzz::view(data + 2, size - 2));
  const std::size_t piece = data[1] == 0 ? bytes.size() + 1 : data[1];
  for (std::size_t at = 0; at < bytes.size() && dialer.handler != nullptr && dialer.count == 1; at += piece) {
    dialer.handler->on_data(std::string_view(bytes).substr(at, piece));
    simulation.run_for(1);
  }
  // The other connections stay silent.
  simulation.run_for(600'000);
  QUOLL_CHECK(answered == calls, "each call ends once, even if the server does not answer");
  return 0;
}
