// From the command line and the files that it names to settings, with all that there is to say about them.
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
  std::string name;  // for people: the file's absolute path, or what stands in its place
  config::LoadResult result;
};

config::Environment process_environment();

// The error says why the file can't be read.
std::expected<Configuration, std::string> read_configuration(const config::CommandLine& line,
                                                             const config::Environment& variables, env::Disk& disk);

// What is said of flags for Java's machine: one line for all that only tune it, one for those that let others look into
// it.
std::vector<config::Notice> java_notices(const config::CommandLine& line);

// At info and warning, as they weigh.
void tell(env::Log& log, const std::vector<config::Notice>& notices);

// Where a port is configured: "clientPort, zoo.cfg:3". The client port may also come from the one server line.
std::string origin_of_port(const config::Loaded& loaded, std::string_view key);

// at_key(), with the key of the store that `what` names.
std::string at_tls_key(const config::Loaded& loaded, std::string_view what);

// "zoo.cfg:3: dataDir: ...", or without the place if nothing was given for `key`.
std::string at_key(const config::Loaded& loaded, std::string_view key, std::string_view what);

}  // namespace quoll::apps
