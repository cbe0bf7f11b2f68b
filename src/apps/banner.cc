#include "apps/banner.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "apps/facts.h"
#include "apps/version.h"

namespace quoll::apps {

namespace {

std::string user_name() {
  const passwd* const user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_name : fmt::format("uid {}", ::geteuid());
}

std::string port_text(const config::Listen& port) {
  const bool v6 = port.address.contains(':');
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", port.address.empty() ? "0.0.0.0" : port.address, v6 ? "]" : "",
                     port.port);
}

std::string ports_text(const config::Network& network) {
  std::string text;
  if (network.client) text = fmt::format("{} for clients", port_text(*network.client));
  if (network.secure_client)
    text += fmt::format("{}{} for clients over TLS", text.empty() ? "" : ", ", port_text(*network.secure_client));
  return text.empty() ? "none" : text;
}

std::string changes_text(const config::Loaded& loaded) {
  std::string text;
  for (const auto& [key, value, place] : loaded.changed)
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
  return text.empty() ? "none" : text;
}

}  // namespace

std::vector<std::string> banner_lines(const std::string& configuration_name, const config::Loaded& loaded) {
  utsname machine{};
  ::uname(&machine);
  const config::Settings& settings = loaded.settings;
  return {fmt::format("Quoll {} starts, in place of Apache ZooKeeper {}: pid {}, user {}, host {}, built on {}",
                      kVersion, kApacheVersion, ::getpid(), user_name(), machine.nodename, kBuiltOn),
          fmt::format("Configuration: {}", configuration_name),
          fmt::format("Settings other than the defaults: {}", changes_text(loaded)),
          fmt::format("Directories: snapshots in {}, transaction log in {}",
                      version_directory(settings.storage.data_dir), version_directory(settings.storage.data_log_dir)),
          fmt::format("Ports: {}", ports_text(settings.network))};
}

}  // namespace quoll::apps
