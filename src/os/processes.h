// Finds the process that blocks this server, through /proc, for messages that an operator can act on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace quoll::os {

struct PortOwner {
  pid_t pid = 0;  // 0: a process of another user that this user may not inspect
  std::string command;
};

// The process that listens on TCP port `port` at any address; nullopt if there is none.
std::optional<PortOwner> port_owner(std::uint16_t port);

// The TCP ports on which a process listens, in ascending order; empty if this user may not read them.
std::vector<std::uint16_t> listening_ports(pid_t pid);

// The command line of a process, shortened and without secrets: the program's name and those arguments that are neither
// options nor Java's class path ("java … QuorumPeerMain /etc/zoo.cfg"). Control characters are escaped. Empty if there
// is no such process.
std::string process_command(pid_t pid);

// "pid 711 (java … QuorumPeerMain /etc/zoo.cfg)", or what is known about it.
std::string description(const PortOwner& owner);

}  // namespace quoll::os
