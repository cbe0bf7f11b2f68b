#include "apps/check.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "apps/check_folders.h"
#include "apps/server_options.h"
#include "os/files.h"
#include "os/loop.h"
#include "os/network.h"

namespace quoll::apps {

namespace {

// The exit code is that of the first failure, in the order of a start.
class Findings {
 public:
  explicit Findings(env::Log& log) : log_(log) {}
  void add(server::ExitCode code, std::string_view text) {
    log_.error("{}", text);
    if (exit_code_ == 0) exit_code_ = static_cast<int>(code);
    ++count_;
  }
  [[nodiscard]] int exit_code() const { return exit_code_; }
  [[nodiscard]] int count() const { return count_; }

 private:
  env::Log& log_;
  int exit_code_ = 0;
  int count_ = 0;
};

void check_security(const config::Loaded& loaded, env::Disk& disk, Findings& findings) {
  if (const auto tls = tls_context(loaded.settings, disk); !tls)
    findings.add(server::ExitCode::unexpected, at_tls_key(loaded, tls.error()));
  if (const auto tls = quorum_tls_context(loaded.settings, disk, tls::Role::server); !tls)
    findings.add(server::ExitCode::unexpected, at_key(loaded, "ssl.quorum.keyStore.location", tls.error()));
  if (const auto between = quorum_authentication(loaded.settings, disk); !between)
    findings.add(server::ExitCode::unexpected, at_key(loaded, "quorum.auth.enableSasl", between.error()));
  if (const auto sasl = sasl_factory(loaded.settings, disk); !sasl) {
    findings.add(server::ExitCode::unexpected, at_key(loaded, "java.security.auth.login.config", sasl.error()));
  }
}

// Opens each port briefly.
void check_ports(const config::Loaded& loaded, env::Log& log, Findings& findings) {
  os::Loop loop;
  os::TcpNetwork network(loop, log);
  const auto try_port = [&](const std::optional<config::Listen>& port, std::string_view key) {
    if (!port) return;
    network.name_port(port->port, origin_of_port(loaded, key));
    const auto listener =
        network.listen({.host = port->address, .port = port->port},
                       [](std::unique_ptr<env::Connection>) -> env::ConnectionHandler* { return nullptr; });
    if (!listener) findings.add(server::ExitCode::unexpected, listener.error());
  };
  try_port(loaded.settings.network.client, "clientPort");
  try_port(loaded.settings.network.secure_client, "secureClientPort");
}

void check_log_file(const config::Loaded& loaded, Findings& findings) {
  const std::string& file = loaded.settings.log.file;
  if (file.empty()) return;
  const auto folder = std::filesystem::absolute(file).parent_path();
  const bool there = ::access(file.c_str(), F_OK) == 0;
  if (::access(there ? file.c_str() : folder.c_str(), W_OK) == 0) return;
  findings.add(server::ExitCode::invalid_invocation,
               at_key(loaded, "quoll.log.file",
                      fmt::format("{} can't be written: {}; make its folder, and give it to the "
                                  "user of the server",
                                  file, std::strerror(errno))));
}

// Each client takes one; the server itself needs some for its files.
void check_descriptors(const config::Loaded& loaded, env::Log& log, Findings& findings) {
  constexpr rlim_t kOwn = 64;
  constexpr rlim_t kFew = 4096;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max == RLIM_INFINITY) return;
  const auto most = static_cast<rlim_t>(std::max(loaded.settings.limits.connections_max, 0));
  constexpr std::string_view kAdvice =
      "raise it (ulimit -Hn, LimitNOFILE= of the service, --ulimit nofile= of a container)";
  if (limit.rlim_max <= kOwn) {
    findings.add(server::ExitCode::unexpected,
                 fmt::format("Only {} files may be open, of which the server needs {} for itself: {}", limit.rlim_max,
                             kOwn, kAdvice));
  } else if (most > 0 && limit.rlim_max < most + kOwn) {
    log.warn("{}", at_key(loaded, "maxCnxns",
                          fmt::format("allows {} connections, but only {} files may be open: {}", most, limit.rlim_max,
                                      kAdvice)));
  } else if (limit.rlim_max < kFew) {
    log.warn("Only {} files may be open, which bounds the number of clients: {}", limit.rlim_max, kAdvice);
  }
}

}  // namespace

int check_start(const Configuration& configuration, const std::vector<config::Notice>& java, env::Log& log,
                Ports ports) {
  Findings findings(log);
  os::PosixDisk disk;
  const auto& result = configuration.result;
  const config::Loaded& loaded = result ? *result : result.error().partial;
  log_notices(log, java);
  log_notices(log, result ? result->notices : result.error().notices);
  if (!result) {
    for (const config::Problem& problem : result.error().problems)
      findings.add(server::ExitCode::invalid_invocation, problem.text);
  }
  for (const FolderFinding& finding : check_folders(loaded)) {
    if (finding.fatal) {
      findings.add(server::ExitCode::data_dir, finding.text);
    } else {
      log.warn("{}", finding.text);
    }
  }
  check_security(loaded, disk, findings);
  if (ports == Ports::must_be_free) check_ports(loaded, log, findings);
  check_log_file(loaded, findings);
  check_descriptors(loaded, log, findings);
  if (findings.count() == 0) log.info("{} is good: a server can start with it", configuration.name);
  return findings.exit_code();
}

}  // namespace quoll::apps
