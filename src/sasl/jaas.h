// Reads the file that java.security.auth.login.config names: which login modules stand in which section, with which
// options.
//
//   Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_super="adminsecret" user_bob="bobsecret";
//   };
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace quoll::sasl {

enum class Control { required, requisite, sufficient, optional };

struct LoginModule {
  std::string class_name;
  Control control = Control::required;
  std::map<std::string, std::string> options;  // a key given twice: the last one, as in Java
  int line = 0;                                // where it stands, from 1
};

struct Section {
  std::string name;
  std::vector<LoginModule> modules;  // at least one
  int line = 0;
};

class JaasFile {
 public:
  // The whole text of the file. The error is "line N: what is wrong"; option values, which may be passwords, are never
  // part of it.
  static std::expected<JaasFile, std::string> parse(std::string_view text);

  // nullptr: no such section. ZooKeeper asks for zookeeper.sasl.serverconfig, "Server" by default.
  [[nodiscard]] const Section* find(std::string_view name) const;
  [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }

 private:
  std::vector<Section> sections_;
};

using Users = std::map<std::string, std::string, std::less<>>;  // name to password

// The users of a server section: its options user_NAME="password" (DigestLoginModule). An error when one of the modules
// is Krb5LoginModule, which is not offered, or is unknown. Sections without users give an empty map: then nobody can
// log in.
std::expected<Users, std::string> digest_users(const Section& section);

}  // namespace quoll::sasl
