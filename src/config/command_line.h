// What `quoll server` was asked to do, from its arguments and from the variables that ZooKeeper's scripts hand over.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/load.h"

namespace quoll::config {

enum class Action {
  serve,
  check,  // --check: read the configuration, say what there is to say, and end
  help,
  version,
};

struct ConfigFile {
  // Empty: nobody names one, and the server runs on its built-in configuration.
  std::string path;
  friend bool operator==(const ConfigFile&, const ConfigFile&) = default;
};

// A flag for Java's own machine, such as -Xmx1g.
struct JavaFlag {
  std::string text;   // without what follows an equals sign, which may be a secret
  std::string place;  // "SERVER_JVMFLAGS", "command line"
  friend bool operator==(const JavaFlag&, const JavaFlag&) = default;
};

struct CommandLine {
  Action action = Action::serve;
  std::variant<ConfigFile, Positional> source;  // of no meaning for help and version
  Flags flags;                                  // of two with one name the later counts
  std::optional<LogFormat> log_format;          // --log-format; goes before quoll.log.format
  std::optional<std::string> log_file;          // --log-file; goes before quoll.log.file
  std::vector<JavaFlag> java_flags;             // that mean nothing here
};

// `arguments` follow the word "server". Of `environment`, these count as they do for Apache's scripts (zkEnv.sh and
// zkServer.sh, and Debian's): -D flags in JAVA_TOOL_OPTIONS, JAVA_OPTS, JDK_JAVA_OPTIONS, SERVER_JVMFLAGS and JVMFLAGS,
// of which a later one goes before an earlier one, and arguments before all; when no argument names a file, ZOOCFG, in
// the folder ZOOCFGDIR unless it is an absolute path. The error is a sentence for people; exit code 2.
std::expected<CommandLine, std::string> parse_command_line(std::span<const std::string> arguments,
                                                           const Environment& environment);

std::string help_text();
// `version`: Quoll's own, such as "0.1.0".
std::string version_text(std::string_view version);

// Words as a shell makes them: blanks separate, ' and " hold together, \ takes the next character as it is. The error
// names nothing of the text, which may hold secrets.
std::expected<std::vector<std::string>, std::string> split_words(std::string_view text);

}  // namespace quoll::config
