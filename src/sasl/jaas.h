// Parses the file that java.security.auth.login.config names: sections of login modules with their options.
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
  std::map<std::string, std::string> options;  // if a key is given twice, the last value counts, as in Java
  int line = 0;                                // line number in the file, from 1
};

struct Section {
  std::string name;
  std::vector<LoginModule> modules;  // at least one
  int line = 0;
};

class JaasFile {
 public:
  // Parses the whole text of a file. The error is "line N: what is wrong" and never contains an option's value, which
  // may be a password.
  static std::expected<JaasFile, std::string> parse(std::string_view text);

  // Returns nullptr if there is no such section. ZooKeeper looks up the name in zookeeper.sasl.serverconfig, by default
  // "Server".
  [[nodiscard]] const Section* find(std::string_view name) const;
  [[nodiscard]] const std::vector<Section>& sections() const { return sections_; }

 private:
  std::vector<Section> sections_;
};

using Users = std::map<std::string, std::string, std::less<>>;  // name to password

// Returns the users of a server section, from the options user_NAME="password" of DigestLoginModule. Fails if one of
// the modules is unknown or is Krb5LoginModule, which is not supported. If a section lists no users, the map is empty
// and nobody can log in.
std::expected<Users, std::string> digest_users(const Section& section);

// The name and password by which somebody logs in.
struct Login {
  std::string username;
  std::string password;
};

// Returns that of a client's section, from the options username and password of DigestLoginModule. Fails if one of them
// is missing, and as digest_users does.
std::expected<Login, std::string> digest_login(const Section& section);

}  // namespace quoll::sasl
