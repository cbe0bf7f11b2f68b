// HTTP: what a client sends to the admin server's port, in pieces, to a server with some state.
#include "admin/commands.h"
#include "fuzz/served.h"
#include "fuzz/target.h"
#include "http/port.h"

using namespace quoll;

namespace {

constexpr std::uint16_t kHttpPort = 8080;

struct World {
  World() {
    QUOLL_CHECK(served.start(), "an empty server serves");
    QUOLL_CHECK(client.connect({.timeout_ms = 40000}), "a client connects");
    client.create("/q", "data");
    client.create("/e", "data", 1);
    client.get("/q", true);
    commands.emplace(*served.server, served.facts, admin::CommandOptions{});
    port.emplace(served.world.env(), http::Options{.idle_ms = 2000}, *commands);
    QUOLL_CHECK(port->open({.port = kHttpPort}).has_value(), "the port is free");
  }
  fuzz::Served served;
  sim::Client client{served.world, fuzz::Served::kPort};
  std::optional<admin::Commands> commands;
  std::optional<http::Port> port;
};

constexpr std::string_view kNames[] = {
    "configuration", "connections", "dump",   "environment", "hash", "icfg", "leader",
    "monitor",       "observers",   "stats",  "stmk",        "sysp", "wchc", "wchp",
    "watch_summary", "zabstate",    "nosuch", "srvr",        "crst", "gtmk", ""};
constexpr std::string_view kFields[] = {"Authorization: digest a:b",
                                        "Authorization: ip",
                                        "Content-Length: 5",
                                        "Transfer-Encoding: chunked",
                                        "Connection: close",
                                        "Expect: 100-continue",
                                        "Host: x"};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World& w = *new World();
  sim::World& world = w.served.world;
  sim::Client asker(world, kHttpPort, "10.0.0.9");
  asker.keep_raw();
  asker.dial();
  const std::string_view input = fuzz::view(data, size);
  // The first byte says where the rest is cut into two pieces.
  const std::size_t cut = size < 2 ? 0 : 1 + data[0] % (size - 1);
  asker.send_raw(input.substr(std::min<std::size_t>(1, size), cut));
  world.run_for(2);
  asker.send_raw(input.substr(std::min(size, cut + 1)));
  if (size > 0 && data[0] % 2 == 1) asker.finish();
  world.run_for(30);
  const std::string& got = asker.raw();
  QUOLL_CHECK(got.empty() || got.starts_with("HTTP/1."), "whatever is sent, HTTP comes back");
  asker.drop();
  w.client.ping();
  QUOLL_CHECK(world.run_until([&] { return w.port->connection_count() == 0; }, 10000), "no connection is left");
  QUOLL_CHECK(!w.client.is_closed() && w.served.server->is_serving(), "the other client is not affected");
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(2) == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string made(1, static_cast<char>(chance.next()));
  for (std::uint64_t requests = 1 + chance.below(3); requests > 0; --requests) {
    made += chance.below(4) == 0 ? "POST" : "GET";
    made += " /commands/";
    made += kNames[chance.below(std::size(kNames))];
    if (chance.below(3) == 0) made += "?traceMask=" + fuzz::mutated(fuzz::view(data, size), 16);
    made += chance.below(4) == 0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
    while (chance.below(2) == 0) {
      made += kFields[chance.below(std::size(kFields))];
      made += "\r\n";
    }
    if (chance.below(4) == 0) made += fuzz::mutated(fuzz::view(data, size), 64);
    made += "\r\n";
    if (chance.below(3) == 0) made += "hello";
  }
  return fuzz::give(made, data, max_size);
}
