#include "apps/server_command.h"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <malloc.h>
#include <set>
#include <sys/resource.h>
#include <vector>

#include "admin/four_letter_words.h"
#include "apps/admin_server.h"
#include "apps/audit_log.h"
#include "apps/banner.h"
#include "apps/check.h"
#include "apps/configuration.h"
#include "apps/facts.h"
#include "apps/log_setup.h"
#include "apps/loop_delay.h"
#include "apps/server_options.h"
#include "apps/version.h"
#include "os/clocks.h"
#include "os/console_log.h"
#include "os/descriptor.h"
#include "os/dialer.h"
#include "os/files.h"
#include "os/loop.h"
#include "os/memory.h"
#include "os/network.h"
#include "os/service_manager.h"

namespace quoll::apps {

namespace {

constexpr int kInvalidInvocation = static_cast<int>(server::ExitCode::invalid_invocation);
constexpr std::int64_t kCertificatePollMs = 1000;

// Raises the limit of open files to the hard limit, because every connection needs a descriptor.
void raise_descriptor_limit(env::Log& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0)
    log.debug("Open files: limit raised from {} to {}", before, limit.rlim_max);
}

// By default glibc raises its mmap threshold after a large buffer is freed, and then keeps buffers of that size in its
// heap. Fixed thresholds return the memory of a burst to the system.
void set_malloc_thresholds() {
  constexpr int kLargeBytes = 256 * 1024;
  constexpr int kFreeBytesKept = 16 * 1024 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  ::mallopt(M_TRIM_THRESHOLD, kFreeBytesKept);
}

// Checks from time to time whether key stores have changed, so that a renewed certificate needs no restart
// (client.certReload, sslQuorumReloadCertFiles).
class CertificateWatch {
 public:
  CertificateWatch(os::Loop& loop, env::Log& log, std::shared_ptr<tls::Context> context)
      : loop_(loop), log_(log), context_(std::move(context)) {
    wait();
  }

 private:
  void wait() {
    timer_ = loop_.after(kCertificatePollMs, [this] {
      if (context_->changed()) {
        const auto reloaded = context_->reload();
        if (reloaded) {
          log_.info("The key and trust stores have changed and were reloaded; new connections use them");
        } else {
          log_.error("The key or trust stores have changed but cannot be used; the old ones stay in use: {}",
                     reloaded.error());
        }
      }
      wait();
    });
  }
  os::Loop& loop_;
  env::Log& log_;
  std::shared_ptr<tls::Context> context_;
  std::unique_ptr<env::Timer> timer_;
};

// The value of quoll.bytesInFlightMax if it is not configured.
std::int64_t in_flight_bytes() {
  constexpr std::int64_t kLeast = std::int64_t{64} << 20;
  return std::max(kLeast, os::memory_bytes() / 8);
}

// quoll.watchBytesMax where the configuration leaves it open.
std::int64_t watch_bytes() {
  constexpr std::int64_t kLeast = std::int64_t{128} << 20;
  return std::max(kLeast, os::memory_bytes() / 4);
}

// quoll.memoryLimit where the configuration leaves it open. The rest is for requests and answers, and for a snapshot.
std::int64_t memory_limit() {
  return os::memory_bytes() / 8 * 7;
}

void name_ports(const config::Loaded& loaded, os::TcpNetwork& network) {
  const config::Network& ports = loaded.settings.network;
  if (ports.client) network.name_port(ports.client->port, origin_of_port(loaded, "clientPort"));
  if (ports.secure_client) network.name_port(ports.secure_client->port, origin_of_port(loaded, "secureClientPort"));
  const auto& [admin, prometheus] = std::tie(loaded.settings.admin, loaded.settings.prometheus);
  if (admin.enabled)
    network.name_port(static_cast<std::uint16_t>(admin.port), origin_of_port(loaded, "admin.serverPort"));
  if (prometheus.enabled && prometheus.port)
    network.name_port(static_cast<std::uint16_t>(*prometheus.port), origin_of_port(loaded, "metricsProvider.httpPort"));
  if (prometheus.enabled && prometheus.https_port && prometheus.https_port != prometheus.port)
    network.name_port(static_cast<std::uint16_t>(*prometheus.https_port),
                      origin_of_port(loaded, "metricsProvider.httpsPort"));
}

// To which other servers connect.
std::set<std::uint16_t> own_quorum_ports(const config::Ensemble& ensemble) {
  std::set<std::uint16_t> ports;
  if (!ensemble.self || !ensemble.servers.contains(*ensemble.self)) return ports;
  for (const config::PeerAddress& at : ensemble.servers.at(*ensemble.self).addresses) {
    ports.insert(at.quorum_port);
    ports.insert(at.election_port);
  }
  return ports;
}

// "zoo.cfg:3: dataDir: ..."
std::string at_folder(const config::Loaded& loaded, const std::string& text) {
  const config::Storage& storage = loaded.settings.storage;
  const bool in_logs = storage.data_log_dir != storage.data_dir && text.contains(storage.data_log_dir);
  return at_key(loaded, in_logs ? "dataLogDir" : "dataDir", text);
}

// `state`: one of sd_notify's, "READY=1" or "STOPPING=1".
void notify(env::Log& log, std::string_view state) {
  static constexpr std::string_view kSocket = "NOTIFY_SOCKET";
  const config::Environment variables = process_environment();
  const auto socket = variables.find(kSocket);
  if (socket == variables.end()) return;
  if (const auto sent = os::notify_service_manager(socket->second, state); !sent)
    log.warn("The service manager can't be told {}: {}. The server goes on; the manager may end it", state,
             sent.error());
}

int serve(const config::Loaded& loaded, os::ConsoleLog& log) {
  const config::Settings& settings = loaded.settings;
  raise_descriptor_limit(log);
  set_malloc_thresholds();
  os::Loop loop;
  os::SystemClock clock;
  os::SystemRandom random;
  const auto made_disk = settings.storage.require_directory_sync ? std::make_unique<os::PosixDisk>()
                                                                 : std::make_unique<os::PosixDisk>(log);
  os::PosixDisk& disk = *made_disk;
  os::TcpNetwork network(loop, log);
  const auto context = tls_context(settings, disk);
  if (!context) {
    log.error("The secure client port can't be opened: {}", at_tls_key(loaded, context.error()));
    return static_cast<int>(server::ExitCode::unexpected);
  }
  network.set_tls(*context);
  os::TcpDialer dialer(loop);
  const auto quorum_accepts = quorum_tls_context(settings, disk, tls::Role::server);
  const auto quorum_connects = quorum_tls_context(settings, disk, tls::Role::client);
  for (const auto* const made : {&quorum_accepts, &quorum_connects}) {
    if (*made) continue;
    log.error("TLS between servers can't be set up: {}", at_key(loaded, "ssl.quorum.keyStore.location", made->error()));
    return static_cast<int>(server::ExitCode::unexpected);
  }
  network.set_quorum_tls(*quorum_accepts, own_quorum_ports(settings.ensemble));
  dialer.set_tls(*quorum_connects, log);
  const auto admin_tls = admin_tls_context(settings, disk);
  if (!admin_tls) {
    log.error("HTTPS of the admin server can't be set up: {}",
              at_key(loaded, "ssl.quorum.keyStore.location", admin_tls.error()));
    return static_cast<int>(server::ExitCode::unexpected);
  }
  if (*admin_tls != nullptr) network.set_port_tls(static_cast<std::uint16_t>(settings.admin.port), *admin_tls);
  const auto metrics_tls = metrics_tls_context(settings, disk);
  if (!metrics_tls) {
    log.error("HTTPS for Prometheus can't be set up: {}",
              at_key(loaded, "metricsProvider.ssl.keyStore.location", metrics_tls.error()));
    return static_cast<int>(server::ExitCode::unexpected);
  }
  if (*metrics_tls != nullptr)
    network.set_port_tls(static_cast<std::uint16_t>(*settings.prometheus.https_port), *metrics_tls);
  name_ports(loaded, network);
  network.set_handshakes_max(settings.tls.outstanding_handshakes_max);
  const auto between = quorum_authentication(settings, disk);
  if (!between) {
    log.error("SASL between servers can't be set up: {}", at_key(loaded, "quorum.auth.enableSasl", between.error()));
    return static_cast<int>(server::ExitCode::unexpected);
  }
  auto sasl = sasl_factory(settings, disk);
  if (!sasl) {
    log.error("SASL can't be set up: {}", at_key(loaded, "java.security.auth.login.config", sasl.error()));
    return static_cast<int>(server::ExitCode::unexpected);
  }
  std::vector<std::unique_ptr<CertificateWatch>> watches;
  const auto watch = [&](const std::shared_ptr<tls::Context>& stores, bool reloads) {
    if (stores != nullptr && reloads) watches.push_back(std::make_unique<CertificateWatch>(loop, log, stores));
  };
  watch(*context, settings.tls.reload_stores);
  watch(*quorum_accepts, settings.ensemble.tls.reload_stores);
  watch(*quorum_connects, settings.ensemble.tls.reload_stores);
  watch(*admin_tls, settings.admin.tls.reload_stores);
  watch(*metrics_tls, settings.prometheus.tls.reload_stores);

  env::Env env{clock, loop, network, disk, loop, random, log, dialer};
  int exit_code = 0;
  server::Options options = server_options(settings);
  if (options.ensemble) options.ensemble->authentication = *between;
  options.limits.in_flight_bytes_max =
      static_cast<std::size_t>(settings.limits.in_flight_bytes_max.value_or(in_flight_bytes()));
  options.memory.limit_bytes = settings.limits.memory.value_or(memory_limit());
  options.memory.used_bytes = [limit = options.memory.limit_bytes] { return os::memory_used_bytes(limit); };
  options.rules.watch_bytes_max = static_cast<std::size_t>(settings.limits.watch_bytes_max.value_or(watch_bytes()));
  std::string reason;
  server::Server server(env, std::move(options), [&](server::ExitCode code, std::string_view why) {
    exit_code = static_cast<int>(code);
    reason = why;
    loop.stop();
  });
  server.set_sasl(std::move(*sasl));
  admin::Facts facts = process_facts(settings, disk);
  for (const auto& [key, value, place] : loaded.changed) facts.settings.emplace_back(key, value);
  facts.tls_handshakes_under_way = [&network] { return network.handshakes().under_way(); };
  facts.tls_handshakes_failed = [&network] { return network.handshakes().failed(); };
  facts.tls_handshakes_refused = [&network] { return network.handshakes().refused(); };
  admin::FourLetterWords words(
      server, facts,
      {settings.four_letter_words.all,
       {settings.four_letter_words.allowed.begin(), settings.four_letter_words.allowed.end()}});
  server.set_word_responder(words);
  loop.on_terminate([&](int signal) {
    log.info("Signal {}: stopping. Sessions stay valid on disk", signal);
    notify(log, "STOPPING=1");
    server.stop();
    loop.stop();
  });
  handle_signals(loop, log, server, facts);
  std::optional<AuditLog> audit;
  if (settings.audit.enabled) {
    audit.emplace(clock, loop, log, settings.audit.file);
    if (const auto opened = audit->open(); !opened) {
      log.error("The audit log can't be kept: {}", at_key(loaded, "quoll.audit.file", opened.error()));
      return static_cast<int>(server::ExitCode::unexpected);
    }
    server.core().audit = &*audit;
    loop.on_signals({SIGHUP}, [&audit](int) { audit->reopen(); });
  }
  AdminServer admin(env, server, facts, settings);
  if (const auto opened = admin.open_metrics(); !opened) {
    log.error("{}", opened.error());
    return static_cast<int>(server::ExitCode::unexpected);
  }
  if (const auto opened = admin.open(); !opened) {
    log.error("{}", opened.error());
    return static_cast<int>(server::ExitCode::admin_server);
  }
  const auto started = server.start();
  if (!started) {
    server.stop();  // its last messages come before the reason
    const bool folder = started.error().code == server::ExitCode::data_dir;
    log.error("{}", folder ? at_folder(loaded, started.error().text) : started.error().text);
    return static_cast<int>(started.error().code);
  }
  if (audit) audit->note_start();
  const LoopDelay loop_delay(loop, clock, server.core().stats.timings.loop_delay);
  // The data is recovered and the ports are open. A member of an ensemble is not ready later, when there is a leader:
  // the other members may have to be started first.
  notify(log, "READY=1");
  loop.run();
  server.stop();
  server.core().audit = nullptr;
  // After a failure the last line is the reason, whatever work that was under way has said meanwhile.
  if (exit_code == 0) {
    log.info("Stopped");
  } else {
    log.error("The server has ended with exit code {}: {}", exit_code, reason);
  }
  return exit_code;
}

}  // namespace

int run_server(std::span<const std::string> arguments) {
  const config::Environment variables = process_environment();
  const auto line = config::parse_command_line(arguments, variables);
  if (!line) {
    fmt::print(stderr, "{}. See quoll server --help\n", line.error());
    return kInvalidInvocation;
  }
  if (line->action == config::Action::help) return fmt::print("{}", config::help_text()), 0;
  if (line->action == config::Action::version) return fmt::print("{}\n", config::version_text(kVersion)), 0;

  os::open_standard_descriptors();
  os::ConsoleLog log(env::Level::info);
  if (const auto ready = set_up_log(log, *line); !ready) {
    log.error("{}", ready.error());
    return kInvalidInvocation;
  }
  os::PosixDisk disk;
  const auto configuration = read_configuration(*line, variables, disk);
  if (!configuration) {
    log.error("{} (without a path the built-in configuration is used)", configuration.error());
    return kInvalidInvocation;
  }
  const auto& loaded = configuration->result;
  if (line->action == config::Action::check) return check_start(*configuration, java_notices(*line), log);
  if (!loaded) {
    log_notices(log, loaded.error().notices);
    for (const config::Problem& problem : loaded.error().problems) log.error("{}", problem.text);
    return kInvalidInvocation;
  }
  if (const auto ready = set_up_log(log, *line, loaded->settings.log); !ready) {
    log.error("{}", ready.error());
    return kInvalidInvocation;
  }
  for (const std::string& text : banner_lines(configuration->name, *loaded)) log.info("{}", text);
  log_notices(log, java_notices(*line));
  log_notices(log, loaded->notices);
  return serve(*loaded, log);
}

}  // namespace quoll::apps
