// What the network knows of a machine: its names, its ports, and whether it has power.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "env/network.h"
#include "sim/event_loop.h"

namespace quoll::sim {

class Link;

// What is known of a port while somebody listens.
struct Door {
  env::Acceptor acceptor;
  bool is_accepting = false;
  std::vector<std::shared_ptr<Link>> waiting;
};

struct Host {
  std::string name;
  std::string address;  // numeric
  EventLoop& loop;
  bool has_power = true;
  std::int64_t boots = 0;  // connections of an earlier boot are unknown to the machine
  std::map<std::uint16_t, std::weak_ptr<Door>> ports;
  // Bytes queued at this machine's ends of links. Shared, because links may outlive the network.
  std::shared_ptr<std::size_t> queued_bytes = std::make_shared<std::size_t>(0);
};

}  // namespace quoll::sim
