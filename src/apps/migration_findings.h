// Judges from what the members of an ensemble say whether their servers can be replaced one after another
// (docs/migration.md). Pure functions, without connections.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::apps {

struct AskedMember {
  std::string name;  // for people: "server 2 (zk2:2181)"
  // What it said, or why it said nothing.
  std::expected<std::string, std::string> srvr;
  std::expected<std::string, std::string> mntr;
};

struct MigrationFinding {
  enum Kind { good, doubt, obstacle } kind = good;
  std::string text;  // what was found, and what to do
};

// `voters`: how many servers of the configuration vote.
std::vector<MigrationFinding> judge_members(const std::vector<AskedMember>& members, std::size_t voters);

}  // namespace quoll::apps
