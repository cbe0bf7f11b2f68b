// What goes wrong in the scenarios of the recipes: connections cut, machines cut off or paused, servers killed.
#pragma once

#include <utility>
#include <vector>

#include "base/prng.h"
#include "sim/client_world.h"

namespace quoll::recipes {

class Trouble {
 public:
  Trouble(sim::ClientWorld& world, int servers, std::uint64_t seed) : world_(world), servers_(servers), chance_(seed) {}
  void add(sim::ClientWorld::Place& place) { places_.push_back(&place); }

  // One of: a connection is cut, a machine is cut off, let through, paused, continued; a server is killed, or started
  // again. Then at most `rest_ms_max` pass.
  void strike(std::int64_t rest_ms_max) {
    sim::ClientWorld::Place& place = *places_[chance_.below(places_.size())];
    hurt(place);
    world_.simulation.run_for(static_cast<std::int64_t>(chance_.below(static_cast<std::uint64_t>(rest_ms_max))));
  }
  void heal() {
    for (auto* const each : places_) {
      world_.let_through(*each);
      each->machine.loop.open();
    }
    if (down_ != 0) world_.start(std::exchange(down_, 0));
  }
  base::Prng& chance() { return chance_; }

 private:
  void hurt(sim::ClientWorld::Place& place) {
    const auto servers = static_cast<std::uint64_t>(servers_);
    switch (chance_.below(9)) {
      case 0:
        // When an answer has just been sent.
        world_.simulation.run_until(
            [this, sends = world_.simulation.network.server_sends] {
              return world_.simulation.network.server_sends != sends;
            },
            200);
        [[fallthrough]];
      case 1:
        for (int id = 1; id <= servers_; ++id)
          world_.simulation.network.cut_links(place.machine.name(), fmt::format("server{}", id));
        return;
      case 2:
        return world_.cut_off(place);
      case 3:
      case 4:
        return world_.let_through(place);
      case 5:
        return place.machine.loop.close();
      case 6:
        return place.machine.loop.open();
      case 7:
        if (down_ == 0) world_.kill(down_ = 1 + static_cast<int>(chance_.below(servers)));
        return;
      default:
        if (down_ != 0) world_.start(std::exchange(down_, 0));
    }
  }

  sim::ClientWorld& world_;
  const int servers_;
  base::Prng chance_;
  std::vector<sim::ClientWorld::Place*> places_;
  int down_ = 0;
};

}  // namespace quoll::recipes
