// The grammar is that of Java's sun.security.provider.ConfigFile, except that ${...} is refused instead of expanded.
#include "sasl/jaas.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "sasl/jaas_tokens.h"

namespace quoll::sasl {
namespace {

struct SyntaxError {
  int line;
  std::string text;
};

// Recursive descent over the tokens. A syntax error is thrown as an exception that does not leave this file.
class JaasParser {
 public:
  explicit JaasParser(std::string_view text) : tokens_(text) { advance(); }

  std::vector<Section> sections() {
    std::vector<Section> sections;
    while (token_.kind != Token::end) {
      Section next = section();
      if (std::ranges::any_of(sections, [&](const Section& one) { return one.name == next.name; })) {
        throw SyntaxError{next.line, fmt::format("section {} is defined twice", next.name)};
      }
      sections.push_back(std::move(next));
    }
    return sections;
  }

 private:
  Section section() {
    Section section;
    section.line = token_.line;
    section.name = text("the name of a section");
    symbol('{');
    while (!is_symbol('}')) section.modules.push_back(module());
    symbol('}');
    symbol(';');
    if (section.modules.empty())
      throw SyntaxError{section.line, fmt::format("section {} has no login module", section.name)};
    return section;
  }

  LoginModule module() {
    LoginModule module;
    module.line = token_.line;
    module.class_name = text("the class of a login module");
    module.control = control();
    while (!is_symbol(';')) {
      const std::string key = text("the name of an option, or ';' after the last one");
      symbol('=');
      if (token_.text.contains("${"))
        throw SyntaxError{token_.line,
                          fmt::format("option {}: ${{...}} is not replaced here; write the value itself", key)};
      module.options[key] = text("a value");
    }
    symbol(';');
    return module;
  }

  Control control() {
    const int line = token_.line;
    std::string word = text("one of required, requisite, sufficient, optional");
    std::ranges::transform(word, word.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (word == "required") return Control::required;
    if (word == "requisite") return Control::requisite;
    if (word == "sufficient") return Control::sufficient;
    if (word == "optional") return Control::optional;
    throw SyntaxError{line, "a login module's class must be followed by required, requisite, sufficient or optional"};
  }

  std::string text(std::string_view expected) {
    if (token_.kind != Token::word && token_.kind != Token::quoted) throw unexpected(expected);
    std::string text = std::move(token_.text);
    advance();
    return text;
  }
  [[nodiscard]] bool is_symbol(char symbol) const { return token_.kind == Token::symbol && token_.text[0] == symbol; }
  void symbol(char symbol) {
    if (!is_symbol(symbol)) throw unexpected(fmt::format("'{}'", symbol));
    advance();
  }
  // Does not quote the word, which may be a password whose quotes are missing.
  [[nodiscard]] SyntaxError unexpected(std::string_view expected) const {
    switch (token_.kind) {
      case Token::end:
        return {token_.line, fmt::format("expected {}, but the file ends", expected)};
      case Token::symbol:
        return {token_.line, fmt::format("expected {}, found '{}'", expected, token_.text)};
      case Token::word:
      case Token::quoted:
        return {token_.line, fmt::format("expected {}, found a word", expected)};
      case Token::broken:
        break;
    }
    return {token_.line, token_.text};
  }
  void advance() { token_ = tokens_.next(); }

  Tokens tokens_;
  Token token_;
};

}  // namespace

std::expected<JaasFile, std::string> JaasFile::parse(std::string_view text) {
  try {
    JaasFile file;
    file.sections_ = JaasParser(text).sections();
    return file;
  } catch (const SyntaxError& error) {
    return std::unexpected(fmt::format("line {}: {}", error.line, error.text));
  }
}

const Section* JaasFile::find(std::string_view name) const {
  const auto it = std::ranges::find(sections_, name, &Section::name);
  return it == sections_.end() ? nullptr : &*it;
}

namespace {

// Tutorials for Kafka name its PlainLoginModule. With Kafka's jar on its class path Apache's server accepts that class,
// and it takes the users of whichever module it finds.
bool is_digest_module(std::string_view class_name) {
  return class_name == "org.apache.zookeeper.server.auth.DigestLoginModule" ||
         class_name == "org.apache.kafka.common.security.plain.PlainLoginModule";
}

// Empty: the module is one whose options can be taken.
std::string objection_to_module(const LoginModule& module, const std::string& section) {
  if (module.class_name.ends_with(".Krb5LoginModule")) {
    return fmt::format("line {}: section {} asks for Kerberos (Krb5LoginModule), which is not offered yet", module.line,
                       section);
  }
  if (is_digest_module(module.class_name)) return {};
  return fmt::format(
      "line {}: section {} asks for {}; only org.apache.zookeeper.server.auth.DigestLoginModule is known, and "
      "Kafka's PlainLoginModule in its place",
      module.line, section, module.class_name);
}

}  // namespace

std::expected<Users, std::string> digest_users(const Section& section) {
  constexpr std::string_view kPrefix = "user_";
  Users users;
  for (const LoginModule& module : section.modules) {
    if (std::string objection = objection_to_module(module, section.name); !objection.empty())
      return std::unexpected(std::move(objection));
    for (const auto& [key, value] : module.options) {
      if (key.starts_with(kPrefix)) users.insert_or_assign(key.substr(kPrefix.size()), value);
    }
  }
  return users;
}

std::expected<Login, std::string> digest_login(const Section& section) {
  std::optional<Login> login;
  for (const LoginModule& module : section.modules) {
    if (std::string objection = objection_to_module(module, section.name); !objection.empty())
      return std::unexpected(std::move(objection));
    const auto username = module.options.find("username");
    const auto password = module.options.find("password");
    if (!login && username != module.options.end() && password != module.options.end())
      login = Login{username->second, password->second};
  }
  if (!login)
    return std::unexpected(
        fmt::format("line {}: section {} has no username=\"...\" and password=\"...\" in its login module",
                    section.line, section.name));
  return *login;
}

}  // namespace quoll::sasl
