// Reads the configuration from the command line and the files that it names.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "config/command_line.h"
#include "config/load.h"
#include "env/disk.h"
#include "env/log.h"

namespace quoll::apps {

struct Configuration {
  std::string name;  // for people: the file's absolute path, or a description if there is no file
  config::LoadResult result;
};

config::Environment process_environment();

// The error says why the file cannot be read.
std::expected<Configuration, std::string> read_configuration(const config::CommandLine& line,
                                                             const config::Environment& variables, env::Disk& disk);

// Notices about JVM flags: one line for all flags that only tune the JVM, and one for agents and remote monitoring.
std::vector<config::Notice> java_notices(const config::CommandLine& line);

// Logs the notices as information or warnings.
void log_notices(env::Log& log, const std::vector<config::Notice>& notices);

// Where a port is configured: "clientPort, zoo.cfg:3". The client port may also come from this server's line.
std::string origin_of_port(const config::Loaded& loaded, std::string_view key);

// Like at_key(), with the key of the store that `what` names.
std::string at_tls_key(const config::Loaded& loaded, std::string_view what);

// "zoo.cfg:3: dataDir: ...", without the place if `key` was not given.
std::string at_key(const config::Loaded& loaded, std::string_view key, std::string_view what);

}  // namespace quoll::apps
