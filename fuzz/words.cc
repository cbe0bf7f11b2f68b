// Four-letter words: the first bytes of a connection, sent to a server with some state.
#include "fuzz/served.h"
#include "fuzz/target.h"

using namespace quoll;

namespace {

struct World {
  World() {
    QUOLL_CHECK(served.start(), "an empty server serves");
    QUOLL_CHECK(client.connect({.timeout_ms = 40000}), "a client connects");
    client.create("/q", "data");
    client.create("/zookeeper/quota/q");
    client.create("/zookeeper/quota/q/zookeeper_limits", "count=5,bytes=100");
    client.create("/e", "data", 1);
    client.get("/q", true);
    client.children("/q", true);
  }
  fuzz::Served served;
  sim::Client client{served.world, fuzz::Served::kPort};
};

constexpr std::string_view kWords[] = {"conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "isro", "mntr",
                                       "ruok", "srst", "srvr", "stat", "stmk", "wchc", "wchp", "wchs", "GET ", "kill"};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static World& w = *new World();
  sim::World& world = w.served.world;
  sim::Client asker(world, fuzz::Served::kPort, "10.0.0.9");
  asker.keep_raw();
  asker.dial();
  const std::string_view input = fuzz::view(data, size);
  asker.send_raw(input);
  world.run_for(20);
  if (w.served.words->knows(input.substr(0, 4)) && size >= 4)
    QUOLL_CHECK(asker.is_closed() || world.run_until([&] { return asker.is_closed(); }, 5000),
                "the connection is closed after a word");
  asker.drop();
  w.client.ping();
  world.run_for(5);
  QUOLL_CHECK(!w.client.is_closed() && w.served.server->is_serving(), "the other client is not affected");
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned int seed) {
  base::Prng chance(seed);
  if (chance.below(2) == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string made(kWords[chance.below(std::size(kWords))]);
  if (chance.below(3) == 0) made += fuzz::mutated(fuzz::view(data, size), 64);
  if (chance.below(8) == 0) made += std::string(8, static_cast<char>(chance.next()));
  return fuzz::give(made, data, max_size);
}
