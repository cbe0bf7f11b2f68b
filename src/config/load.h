// From the text of zoo.cfg, Java properties and environment variables to Settings, or to all that is wrong with them.
// Reads no file and asks no system: the caller brings the texts.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/gather.h"
#include "config/report.h"
#include "config/settings.h"

namespace quoll::config {

struct Loaded {
  Settings settings;
  std::vector<Notice> notices;  // by line; those that come from no line last
};

// The error holds one problem at least, and the notices too, as one of them often tells why (a misspelt key that is
// then missing); both are ordered in the same way. The server must not start: exit code 2, as Apache's
// ExitCode.INVALID_INVOCATION.
using LoadResult = std::expected<Loaded, Report>;

// `file_name` is for messages. `flags`: -Dname=value, in order (see command_line.h). `environment`: of the variables
// that zkServer.sh reads, ZOO_DATADIR_AUTOCREATE_DISABLE counts here.
LoadResult load(std::string_view text, std::string_view file_name, const Flags& flags, const Environment& environment);

// What stands in place of a file: ZooKeeperServerMain's `port datadir [ticktime] [maxcnxns]`, as written.
struct Positional {
  std::string port;
  std::string data_dir;
  std::optional<std::string> tick;
  std::optional<std::string> connections_max;
  friend bool operator==(const Positional&, const Positional&) = default;
};

// As load(), but that any number of connections from one address is allowed unless said otherwise.
LoadResult load_positional(const Positional& arguments, const Flags& flags, const Environment& environment);

}  // namespace quoll::config
