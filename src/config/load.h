// Converts the text of zoo.cfg, Java properties and environment variables to Settings, or to a list of everything that
// is wrong with them. Makes no system calls: the caller provides the texts.
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

// A key whose value differs from the default.
struct Changed {
  std::string key;
  std::string text;   // as given; for a secret only that it is set
  std::string place;  // "zoo.cfg:12", "-Dzookeeper.snapCount"
};

struct Loaded {
  Settings settings;
  std::vector<Notice> notices;   // by line; those without a line last
  std::vector<Changed> changed;  // honoured keys only, ordered by name
  // Where a key was given; empty if it was not.
  [[nodiscard]] std::string place_of(std::string_view key) const;
  std::map<std::string, std::string, std::less<>> places;
};

// At least one problem, and also the notices, because one of them often explains a problem (a misspelt key that is then
// missing). Both are in the same order. The server must not start: exit code 2, as Apache's
// ExitCode.INVALID_INVOCATION.
struct Refused : Report {
  // With defaults instead of the values that cannot be read, so that a check can continue and find more. It contains no
  // notices, and no data_dir if the file could not be read at all.
  Loaded partial;
};
using LoadResult = std::expected<Loaded, Refused>;

// `file_name` is for messages. `flags`: -Dname=value, in order (see command_line.h). `environment`: of zkServer.sh's
// variables only ZOO_DATADIR_AUTOCREATE_DISABLE is used here. `files` provides dataDir/myid and the dynamic file.
LoadResult load(std::string_view text, std::string_view file_name, const Flags& flags, const Environment& environment,
                const Files& files = {});

// Replaces a file: ZooKeeperServerMain's `port datadir [ticktime] [maxcnxns]`, as written.
struct Positional {
  std::string port;
  std::string data_dir;
  std::optional<std::string> tick;
  std::optional<std::string> connections_max;
  friend bool operator==(const Positional&, const Positional&) = default;
};

// Like load() without further files, but with any number of connections per address allowed unless given.
LoadResult load_positional(const Positional& arguments, const Flags& flags, const Environment& environment);

}  // namespace quoll::config
