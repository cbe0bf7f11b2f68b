// A command line of the shell: its words, and the flags among them.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::apps::shell {

// Splits at white space; a word in single or double quotes may contain it
// (org.apache.zookeeper.ZooKeeperMain.MyCommandOptions).
std::vector<std::string> split_line(std::string_view line);

struct Flag {
  std::string name;  // without its hyphen: "s", or "members"
  bool takes_value = false;
  std::string description = {};
};

// The words of a command without its flags, and the flags.
struct Words {
  std::vector<std::string> words;  // the first is the command
  std::map<std::string, std::string> flags;
  [[nodiscard]] bool has(const std::string& flag) const { return flags.contains(flag); }
  [[nodiscard]] std::optional<std::string> value(const std::string& flag) const;
  // The word at `index`; empty if there are not so many.
  [[nodiscard]] std::string at(std::size_t index) const { return index < words.size() ? words[index] : std::string(); }
};

// Flags may stand anywhere, may be joined ("-sw"), and "--" ends them, as in Apache commons-cli's DefaultParser, which
// zkCli uses. The error is a sentence for people.
std::expected<Words, std::string> parse_words(const std::vector<std::string>& line, const std::vector<Flag>& flags);

}  // namespace quoll::apps::shell
