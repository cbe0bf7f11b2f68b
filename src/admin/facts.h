// What a process knows and its server does not: the machine, the program, sizes on disk. The program fills it in; a
// test makes it up.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace quoll::admin {

// What a client port is called in the configuration.
enum class PortRole { plain, secure };  // clientPort, secureClientPort

struct Facts {
  // As `srvr` and `envi` print it: the version of Apache's server that this one stands in for comes first, since
  // clients read it there.
  std::string version;
  // Absolute, with version-2.
  std::string snapshot_dir;
  std::string log_dir;
  // Of all files in them, in bytes.
  std::function<std::int64_t()> snapshot_dir_bytes;
  std::function<std::int64_t()> log_dir_bytes;
  // One for each of the server's client ports, in their order.
  std::vector<PortRole> port_roles;

  // What `envi` prints behind the version, in that order.
  using Environment = std::vector<std::pair<std::string, std::string>>;
  std::function<Environment()> environment;

  std::function<std::int64_t()> open_files;
  std::function<std::int64_t()> open_files_max;
  // TLS is the transport's own business; without one these stay empty and count as 0.
  std::function<std::int64_t()> tls_handshakes_under_way;
  std::function<std::int64_t()> tls_handshakes_failed;
  std::function<std::int64_t()> tls_handshakes_refused;  // beyond netty.server.outstandingHandshake.limit
};

}  // namespace quoll::admin
