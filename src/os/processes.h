// Which process stands in this server's way, from /proc: for messages that an operator can act on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace quoll::os {

struct PortOwner {
  pid_t pid = 0;  // 0: a process that this user may not look into
  std::string command;
};

// The process that listens for TCP connections on `port`, on whichever address. nullopt: none does.
std::optional<PortOwner> port_owner(std::uint16_t port);

// The TCP ports on which a process listens, in ascending order; none if this user may not look into it.
std::vector<std::uint16_t> listening_ports(pid_t pid);

// The command line of a process, shortened to what tells it from others and holds no secret: the program's name, and
// the arguments that are neither options nor Java's class path ("java … QuorumPeerMain /etc/zoo.cfg"). Control
// characters are escaped. Empty: there is no such process.
std::string process_command(pid_t pid);

// "pid 711 (java … QuorumPeerMain /etc/zoo.cfg)", or what is known of it.
std::string in_words(const PortOwner& owner);

}  // namespace quoll::os
