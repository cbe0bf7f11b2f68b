#include "config/command_line.h"

#include <algorithm>

#include "base/utf8.h"

namespace quoll::config {
namespace {

using Failed = std::unexpected<std::string>;

std::pair<std::string, std::string> flag(std::string_view word) {
  word.remove_prefix(2);
  const auto equals = word.find('=');
  if (equals == std::string_view::npos) return {std::string(word), ""};  // as in Java, an empty value
  return {std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))};
}

bool is_flag(std::string_view word) {
  return word.starts_with("-D") && word.size() > 2 && word[2] != '=';
}

std::string_view variable(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

// True for flags of the Java virtual machine: -Xmx1g, -XX:+UseG1GC, -javaagent:x.jar, -server, --add-opens=... None of
// them is an option of Quoll.
bool is_java_flag(std::string_view word) {
  constexpr std::string_view kBeginnings[] = {"-X",
                                              "-javaagent:",
                                              "-agentlib:",
                                              "-agentpath:",
                                              "-server",
                                              "-client",
                                              "-verbose",
                                              "-ea",
                                              "-da",
                                              "-enableassertions",
                                              "--add-",
                                              "--enable-native-access",
                                              "--illegal-access"};
  return std::ranges::any_of(kBeginnings, [&](std::string_view one) { return word.starts_with(one); });
}

JavaFlag java_flag(std::string_view word, std::string_view place) {
  return {base::escaped(word.substr(0, word.find('=')), 80), std::string(place)};
}

// Returns the name of a variable with broken quoting, or an empty text.
std::string take_flags(const Environment& environment, std::string_view name, CommandLine& line) {
  const auto words = split_words(variable(environment, name));
  if (!words) return fmt::format("{} {}", name, words.error());
  for (const auto& word : *words) {
    if (is_flag(word)) {
      line.flags.push_back(flag(word));
    } else {
      line.java_flags.push_back(java_flag(word, name));
    }
  }
  return {};
}

// As zkEnv.sh composes it. Debian's environment file contains ZOOCFG="$ZOOCFGDIR/zoo.cfg", which a service manager
// passes without expanding it.
std::string default_file(const Environment& environment) {
  const auto folder = variable(environment, "ZOOCFGDIR");
  auto file = variable(environment, "ZOOCFG");
  for (const std::string_view inner : {"$ZOOCFGDIR/", "${ZOOCFGDIR}/"}) {
    if (!folder.empty() && file.starts_with(inner)) file.remove_prefix(inner.size());
  }
  if (folder.empty() || file.starts_with('/')) return std::string(file);
  return fmt::format("{}/{}", folder, file.empty() ? "zoo.cfg" : file);
}

std::expected<std::variant<ConfigFile, Positional>, std::string> source(const std::vector<std::string>& words,
                                                                        const Environment& environment) {
  switch (words.size()) {
    case 0:
      return ConfigFile{default_file(environment)};
    case 1:
      return ConfigFile{words[0]};
    case 2:
      return Positional{words[0], words[1], {}, {}};
    case 3:
      return Positional{words[0], words[1], words[2], {}};
    case 4:
      return Positional{words[0], words[1], words[2], words[3]};
    default:
      return Failed(fmt::format("{} arguments are too many", words.size()));
  }
}

// --log-format=text and --log-file=PATH, or with the value as the next word. Returns false if `word` is neither.
std::expected<bool, std::string> take_log_option(std::string_view word, std::span<const std::string> following,
                                                 std::size_t& taken, CommandLine& line) {
  const auto equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  if (name != "--log-format" && name != "--log-file") return false;
  if (equals == word.npos && following.empty()) return Failed(fmt::format("{} needs a value", name));
  const std::string value(equals != word.npos ? word.substr(equals + 1) : std::string_view(following.front()));
  taken = equals == word.npos ? 1 : 0;
  if (name == "--log-file") {
    if (value.empty()) return Failed("--log-file needs the path of a file");
    line.log_file = value;
  } else if (value == "text") {
    line.log_format = LogFormat::text;
  } else if (value == "json") {
    line.log_format = LogFormat::json;
  } else if (value == "log4j") {
    line.log_format = LogFormat::log4j;
  } else {
    return Failed(fmt::format("--log-format is text, json or log4j, not {}", base::escaped(value, 80)));
  }
  return true;
}

}  // namespace

std::expected<std::vector<std::string>, std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (quote == 0 && blank) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'' && at + 1 < text.size()) {
      words.back().push_back(text[++at]);
    } else {
      words.back().push_back(c);
    }
  }
  if (quote != 0) return Failed("contains a quote that is not closed");
  return words;
}

std::expected<CommandLine, std::string> parse_command_line(std::span<const std::string> arguments,
                                                           const Environment& environment) {
  CommandLine line;
  for (const auto* name : {"JAVA_TOOL_OPTIONS", "JAVA_OPTS", "JDK_JAVA_OPTIONS", "SERVER_JVMFLAGS", "JVMFLAGS"}) {
    if (auto fault = take_flags(environment, name, line); !fault.empty()) return Failed(std::move(fault));
  }
  std::vector<std::string> words;
  bool options_over = false;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const auto& word = arguments[at];
    std::size_t taken = 0;
    const auto is_of_log = options_over ? false : take_log_option(word, arguments.subspan(at + 1), taken, line);
    if (!is_of_log) return Failed(is_of_log.error());
    at += taken;
    if (*is_of_log) continue;
    if (options_over || !word.starts_with('-')) {
      words.push_back(word);
    } else if (word == "--") {
      options_over = true;
    } else if (word == "--help" || word == "-h") {
      line.action = Action::help;
    } else if (word == "--version") {
      line.action = Action::version;
    } else if (word == "--check") {
      if (line.action == Action::serve) line.action = Action::check;
    } else if (is_flag(word)) {
      line.flags.push_back(flag(word));
    } else if (word.starts_with("-D")) {
      return Failed("-D needs a name: -Dname=value");
    } else if (is_java_flag(word)) {
      line.java_flags.push_back(java_flag(word, "command line"));
    } else {
      return Failed(fmt::format("{} is not a known option", base::escaped(word, 80)));
    }
  }
  if (line.action == Action::help || line.action == Action::version) return line;
  auto found = source(words, environment);
  if (!found) return Failed(std::move(found.error()));
  line.source = std::move(*found);
  return line;
}

std::string help_text() {
  return R"(Usage: quoll server [ZOO_CFG | PORT DATADIR [TICK [MAXCNXNS]]] [--check] [-Dname=value]...

Starts a server that clients, data folders and tools of Apache ZooKeeper take for their own.

  ZOO_CFG           configuration file; without it $ZOOCFGDIR/$ZOOCFG
  PORT DATADIR      a client port and a data folder instead of a file; then the length of
                    a tick in milliseconds, and how many connections one address may have
  --check           look at the configuration and at all that a start needs (key stores, JAAS
                    file, folders, ports, open files), say what is wrong, and end
  -Dname=value      set a Java property, such as -Dzookeeper.snapCount=10000
  --log-format=F    the log as text, json (an object a line) or log4j (Apache's default layout)
  --log-file=PATH   append the log to a file instead of standard output
  --version, --help

Environment, as Apache's scripts and Debian's have it: ZOOCFGDIR and ZOOCFG name the file; -D flags
are also taken from JAVA_OPTS, SERVER_JVMFLAGS and JVMFLAGS. Other flags for Java have no effect.
A key in ZOO_CFG goes before the same key from a flag.
Signals: SIGHUP opens the log file anew, SIGUSR2 sets the level of the log to debug, then trace,
then back; SIGQUIT and SIGUSR1 write the server's state to the log; SIGTERM and SIGINT end it.
Exit codes: 0 ended well or the check found nothing; 2 the invocation or the configuration is
wrong; 3 a data folder can't be used; 1 anything else, such as a port that is taken, a key store
that can't be opened, a disk that fails. The last line that is printed says why.
)";
}

std::string version_text(std::string_view version) {
  return fmt::format("quoll {}, compatible with Apache ZooKeeper 3.9.5\n", version);
}

}  // namespace quoll::config
