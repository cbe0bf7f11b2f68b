// Facts that the admin commands print but the server does not know: the machine, the program, sizes on disk. The
// program provides them; tests provide made-up ones.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace quoll::admin {

// The configuration key that opened a client port.
enum class PortRole { plain, secure };  // clientPort, secureClientPort

struct Facts {
  // The version that `srvr` and `envi` print. It begins with the version of Apache's server that this one is compatible
  // with, because clients parse it.
  std::string version;
  // Absolute path, including version-2.
  std::string snapshot_dir;
  std::string log_dir;
  // Total size of all files in the directory, in bytes.
  std::function<std::int64_t()> snapshot_dir_bytes;
  std::function<std::int64_t()> log_dir_bytes;
  // One entry per client port of the server, in the server's order.
  std::vector<PortRole> port_roles;

  // The lines that `envi` prints after the version, in order.
  using Environment = std::vector<std::pair<std::string, std::string>>;
  std::function<Environment()> environment;

  // Every key that was set, in order, with its value as given; secrets are masked.
  std::vector<std::pair<std::string, std::string>> settings;

  std::function<std::int64_t()> memory_bytes;  // that the process has in memory
  std::function<std::int64_t()> virtual_memory_bytes;
  // Used by all threads since the start; since 1970.
  std::function<double()> cpu_seconds;
  std::function<double()> start_time_seconds;
  std::function<std::int64_t()> open_files;
  std::function<std::int64_t()> open_files_max;
  // The transport counts TLS handshakes. Without TLS these functions are empty, and the metrics are 0.
  std::function<std::int64_t()> tls_handshakes_under_way;
  std::function<std::int64_t()> tls_handshakes_failed;
  std::function<std::int64_t()> tls_handshakes_refused;  // refused because of netty.server.outstandingHandshake.limit
};

// 0 for a fact that is not provided.
inline std::int64_t ask(const std::function<std::int64_t()>& fact) {
  return fact ? fact() : 0;
}

}  // namespace quoll::admin
