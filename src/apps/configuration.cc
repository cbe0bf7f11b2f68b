#include "apps/configuration.h"

#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/text_file.h"

extern char** environ;

namespace quoll::apps {

namespace {

// The configuration of `quoll server` without a file.
constexpr std::string_view kEmbedded = R"(tickTime=2000
dataDir=./data
clientPort=2181
)";

std::string absolute(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).lexically_normal().string();
}

// Like Apache's server, treats a name that is not a regular file as a missing file.
config::Files files_of(env::Disk& disk) {
  return {[&disk](const std::string& path) -> std::expected<std::optional<std::string>, std::string> {
    const auto there = disk.stat(path);
    const int code = there ? 0 : there.error().code;
    if (code == ENOTDIR || code == EACCES || (there && (!*there || (*there)->is_directory))) return std::nullopt;
    if (!there) return std::unexpected(there.error().text);
    auto text = read_text_file(disk, path);
    if (!text) return std::unexpected(text.error());
    return std::move(*text);
  }};
}

}  // namespace

config::Environment process_environment() {
  config::Environment variables;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view pair = *at;
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) variables.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return variables;
}

std::expected<Configuration, std::string> read_configuration(const config::CommandLine& line,
                                                             const config::Environment& variables, env::Disk& disk) {
  if (const auto* positional = std::get_if<config::Positional>(&line.source))
    return Configuration{"(the command line)", config::load_positional(*positional, line.flags, variables)};
  const std::string& path = std::get<config::ConfigFile>(line.source).path;
  const auto files = files_of(disk);
  if (path.empty())
    return Configuration{"(built in)", config::load(kEmbedded, "(built in)", line.flags, variables, files)};
  const auto text = read_text_file(disk, path);
  if (!text) return std::unexpected(fmt::format("The configuration file can't be used: {}", text.error()));
  return Configuration{absolute(path), config::load(*text, path, line.flags, variables, files)};
}

std::vector<config::Notice> java_notices(const config::CommandLine& line) {
  std::vector<std::string> tuning;
  std::vector<std::string> agents;
  for (const auto& [text, place] : line.java_flags) {
    const bool agent = text.starts_with("-javaagent") || text.starts_with("-agent");
    (agent ? agents : tuning).push_back(fmt::format("{} ({})", text, place));
  }
  std::vector<config::Notice> notices;
  const auto say = [&](const std::vector<std::string>& flags, std::string_view why) {
    if (flags.empty()) return;
    notices.push_back(
        {config::Weight::info, "", 0,
         fmt::format("{} {} no effect: {}", fmt::join(flags, ", "), flags.size() == 1 ? "has" : "have", why)});
  };
  say(tuning, "Quoll is no Java program");
  say(agents, "Quoll takes no Java agents and has no JMX; read its metrics by the four-letter word mntr");
  return notices;
}

void log_notices(env::Log& log, const std::vector<config::Notice>& notices) {
  for (const config::Notice& notice : notices) {
    log.write(notice.weight == config::Weight::info ? env::Level::info : env::Level::warn, notice.text);
  }
}

std::string origin_of_port(const config::Loaded& loaded, std::string_view key) {
  const config::Ensemble& ensemble = loaded.settings.ensemble;
  const std::string name = !loaded.places.contains(key) && !ensemble.servers.empty()
                               ? fmt::format("server.{}", ensemble.runs_alone() ? ensemble.servers.begin()->first
                                                                                : ensemble.self.value_or(0))
                               : std::string(key);
  const auto place = loaded.place_of(name);
  return place.empty() ? name : fmt::format("{}, {}", name, place);
}

std::string at_tls_key(const config::Loaded& loaded, std::string_view what) {
  const config::Tls& tls = loaded.settings.tls;
  const auto names = [&](const std::string& path) { return !path.empty() && what.contains(path); };
  if (names(tls.key_store.password_file)) return at_key(loaded, "ssl.keyStore.passwordPath", what);
  if (names(tls.trust_store.password_file)) return at_key(loaded, "ssl.trustStore.passwordPath", what);
  if (names(tls.key_store.file)) return at_key(loaded, "ssl.keyStore.location", what);
  if (names(tls.trust_store.file)) return at_key(loaded, "ssl.trustStore.location", what);
  return at_key(loaded, "secureClientPort", what);
}

std::string at_key(const config::Loaded& loaded, std::string_view key, std::string_view what) {
  const auto place = loaded.place_of(key);
  return place.empty() ? fmt::format("{}: {}", key, what) : fmt::format("{}: {}: {}", place, key, what);
}

}  // namespace quoll::apps
