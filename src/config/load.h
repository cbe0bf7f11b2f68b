// From the text of zoo.cfg, Java properties and environment variables to Settings, or to all that is wrong with them.
// Reads no file and asks no system: the caller brings the texts.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/files.h"
#include "config/gather.h"
#include "config/report.h"
#include "config/settings.h"

namespace quoll::config {

// A key that was given a value other than its default.
struct Changed {
  std::string key;
  std::string text;   // as given; of a secret only that there is one
  std::string place;  // "zoo.cfg:12", "-Dzookeeper.snapCount"
};

struct Loaded {
  Settings settings;
  std::vector<Notice> notices;   // by line; those that come from no line last
  std::vector<Changed> changed;  // honoured keys only, in the order of their names
  // Where a key was given; empty: nowhere.
  [[nodiscard]] std::string place_of(std::string_view key) const;
  std::map<std::string, std::string, std::less<>> places;
};

// One problem at least, and the notices too, as one of them often tells why (a misspelt key that is then missing); both
// are ordered in the same way. The server must not start: exit code 2, as Apache's ExitCode.INVALID_INVOCATION.
struct Refused : Report {
  // With the default in place of each value that can't be read, so that a check can go on and find more. Its notices
  // are empty; so is its data_dir if the file could not be read at all.
  Loaded partial;
};
using LoadResult = std::expected<Loaded, Refused>;

// `file_name` is for messages. `flags`: -Dname=value, in order (see command_line.h). `environment`: of the variables
// that zkServer.sh reads, ZOO_DATADIR_AUTOCREATE_DISABLE counts here. `files` brings dataDir/myid and the dynamic file.
LoadResult load(std::string_view text, std::string_view file_name, const Flags& flags, const Environment& environment,
                const Files& files = {});

// What stands in place of a file: ZooKeeperServerMain's `port datadir [ticktime] [maxcnxns]`, as written.
struct Positional {
  std::string port;
  std::string data_dir;
  std::optional<std::string> tick;
  std::optional<std::string> connections_max;
  friend bool operator==(const Positional&, const Positional&) = default;
};

// As load() without further files, but that any number of connections from one address is allowed unless said
// otherwise.
LoadResult load_positional(const Positional& arguments, const Flags& flags, const Environment& environment);

}  // namespace quoll::config
