// Parses the arguments of `quoll server` and the environment variables that ZooKeeper's scripts set.
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
  check,  // --check: read the configuration, report problems, and end
  help,
  version,
};

struct ConfigFile {
  // Empty: no file is given, so the built-in configuration is used.
  std::string path;
  friend bool operator==(const ConfigFile&, const ConfigFile&) = default;
};

// A flag for the Java virtual machine, such as -Xmx1g.
struct JavaFlag {
  std::string text;   // without what follows an equals sign, which may be a secret
  std::string place;  // "SERVER_JVMFLAGS", "command line"
  friend bool operator==(const JavaFlag&, const JavaFlag&) = default;
};

struct CommandLine {
  Action action = Action::serve;
  std::variant<ConfigFile, Positional> source;  // not set for help and version
  Flags flags;                                  // of two with the same name the later one counts
  std::optional<LogFormat> log_format;          // --log-format; goes before quoll.log.format
  std::optional<std::string> log_file;          // --log-file; goes before quoll.log.file
  std::vector<JavaFlag> java_flags;             // have no effect here
};

// `arguments` are those after the word "server". `environment` is used as by Apache's scripts (zkEnv.sh and
// zkServer.sh, and Debian's): -D flags in JAVA_TOOL_OPTIONS, JAVA_OPTS, JDK_JAVA_OPTIONS, SERVER_JVMFLAGS and JVMFLAGS,
// of which later ones override earlier ones and arguments override all; and, if no argument names a file, ZOOCFG,
// relative to ZOOCFGDIR unless it is an absolute path. The error is a sentence for people; exit code 2.
std::expected<CommandLine, std::string> parse_command_line(std::span<const std::string> arguments,
                                                           const Environment& environment);

std::string help_text();
// `version`: Quoll's version, such as "0.1.0".
std::string version_text(std::string_view version);

// Splits a text into words like a shell: blanks separate, ' and " quote, \ escapes the next character. The error does
// not quote the text, which may contain secrets.
std::expected<std::vector<std::string>, std::string> split_words(std::string_view text);

}  // namespace quoll::config
