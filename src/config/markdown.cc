#include "config/markdown.h"

#include <algorithm>

#include "config/keys.h"

namespace quoll::config {
namespace {

constexpr std::string_view kIntroduction = R"(# Configuration

<!-- Written from the table in src/config/keys_*.h; change it there, then run
     config_test --gtest_also_run_disabled_tests --gtest_filter='*regenerate*' -->

Quoll reads the `zoo.cfg` of Apache ZooKeeper 3.9 and the Java properties that its scripts pass. Every key that Apache knows stands
below: Quoll honours it, says that it has no effect, or says that it does not offer it. No key is ignored in silence.

## How it is read
- `zoo.cfg` is a Java properties file: `key=value`, `#` begins a comment, `\` at the end of a line continues it. Blanks around values
  are dropped. Of a key that stands twice, the last counts, with a warning. Case counts in names.
- A key is written in `zoo.cfg` as it stands below. One without a mark can also be given as a Java property, `-Dzookeeper.<key>=value`,
  as an argument of `quoll server` or in `SERVER_JVMFLAGS` or `JVMFLAGS`. A key marked **file** is read from `zoo.cfg` alone; one marked
  **flag** from `-D<key>` alone, without `zookeeper.`, just as Apache does.
- When one key comes from several places, `zoo.cfg` goes first, then arguments, then -D flags in `JVMFLAGS`, `SERVER_JVMFLAGS`,
  `JDK_JAVA_OPTIONS`, `JAVA_OPTS` and `JAVA_TOOL_OPTIONS`, in this order, as Apache's and Debian's scripts and Java have it. Other flags for
  Java have no effect; a line in the log names them.
- Without an argument, `ZOOCFG` names the file: an absolute path, or a name in the folder `ZOOCFGDIR` (`zoo.cfg` if it is not set).
- Every value is read as Apache's server reads it, key by key:

| Values | of **file** | of other keys |
|---|---|---|
| true, false | in any case; anything else: no start | only `true`, in any case, is true; anything else is false, with a warning |
| yes, no | | only the word that differs from the default, in lower case, counts: `forceSync=no`, `skipACL=yes`. Anything else is the default, with a warning. So it is with `readonlymode.enabled=true` and `admin.enableServer=false` |
| number | decimal; anything else, or one out of range: no start | decimal, hexadecimal (`0x3fffff`, `#3fffff`) or octal (a leading 0, with a warning); anything else is the default, with a warning (`preAllocSize=64M`). One out of range: as the column "Values" says. `preAllocSize` is decimal |
| fraction | | anything but a number: no start |
| one of several words | in any case; anything else: no start | so, too; but an unknown `snapshot.compression.method` is none, with a warning |

- A comment must be on a line of its own: behind a value it is a part of the value.
- Keys of TLS (`ssl.*`) count with `secureClientPort` only; without it, mistakes in them are warnings.
- `dataDir/myid` is read when there is a configuration file: its first line must be a number and no more, or there is no start. With a
  number in it, the server line of that number is this server's. A member of an ensemble does not start without it.
- A file of server lines (`dynamicConfigFile`) is read like `zoo.cfg`. A byte-order mark spoils the line that it stands on.
- What keeps the server from starting (exit code 2) is reported with the line and the key of every mistake. `quoll server --check zoo.cfg`
  looks for mistakes without starting.
- Passwords never appear in a log or a message.
- An unknown key is named in a warning, with the known one that is nearest to it.

## What the words mean
| Status | Meaning |
|---|---|
| honoured | Quoll does what the key says. |
| no effect | Quoll accepts the key, and has no use for it. One line in the log says why. |
| not offered: warns | Quoll starts without what the key asks for, and warns. The default is accepted in silence. |
| not offered: refuses | To start without it would weaken this server: Quoll does not start, but with the default. |

A key about other servers that is honoured in an ensemble, or not offered there, has no effect on a server that runs alone.
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '*') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string name_cell(const Key& key) {
  const auto mark = key.place == Place::file ? " **file**" : key.place == Place::flag ? " **flag**" : "";
  const auto last = key.family ? (key.name == "metricsProvider." ? "..." : "N") : "";
  return fmt::format("`{}{}`{}", key.name, last, mark);
}

std::string default_cell(const Key& key) {
  if (key.preset.empty()) return escaped(key.preset_words);
  return fmt::format("`{}`", key.preset);
}

std::string type_words(const Key& key) {
  switch (key.type) {
    case Type::boolean:
      return "true, false";
    case Type::yes_no:
      return "yes, no";
    case Type::int32:
    case Type::int64:
      return "number";
    case Type::real:
      return "fraction";
    case Type::text:
      return "text";
    case Type::secret:
      return "secret text";
    case Type::path:
      return "path";
    case Type::list:
      return "list with commas";
    case Type::java_class:
      return "Java class";
    case Type::duration:
      return "time";
  }
  return {};
}

std::string range_cell(const Key& key) {
  std::string cell = type_words(key);
  if (!key.choices.empty()) {
    cell.clear();
    for (const char c : key.choices) cell += c == ' ' ? std::string(", ") : std::string(1, c);
  }
  const bool has_min = key.min != Key{}.min;
  const bool has_max = key.max != Key{}.max;
  const auto less = key.outside == Outside::nearest  ? " (less is raised)"
                    : key.outside == Outside::preset ? " (less gives the default)"
                                                     : "";
  if (has_min && has_max)
    cell +=
        fmt::format(" {} to {}{}", key.min, key.max, key.outside == Outside::nearest ? " (the nearest is taken)" : "");
  else if (has_min)
    cell += fmt::format(" {} or more{}", key.min, less);
  else if (has_max)
    cell += fmt::format(" {} or less", key.max);
  if (!key.unit.empty()) cell += fmt::format(", {}", key.unit);
  return cell;
}

std::string status_cell(const Key& key) {
  const bool always = key.scope == Scope::everywhere;
  if (key.status == Status::honoured) return always ? "honoured" : "honoured in an ensemble";
  if (key.status == Status::no_effect) return fmt::format("no effect: {}", escaped(key.note));
  return fmt::format("not offered: {}. {}", key.severity == Severity::refuse ? "refuses" : "warns", escaped(key.note));
}

}  // namespace

std::string render_markdown() {
  std::string page(kIntroduction);
  std::string_view group;
  for (const auto& key : keys()) {
    if (key.group != group) {
      group = key.group;
      page +=
          fmt::format("\n## {}\n| Key | Default | Values | What it does | Status |\n|---|---|---|---|---|\n", group);
    }
    page += fmt::format("| {} | {} | {} | {} | {} |\n", name_cell(key), default_cell(key), range_cell(key),
                        escaped(key.what), status_cell(key));
  }
  return page;
}

}  // namespace quoll::config
