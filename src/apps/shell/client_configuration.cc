#include "apps/shell/client_configuration.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "apps/text_file.h"
#include "config/properties.h"

namespace quoll::apps::shell {

namespace {

using Keys = std::map<std::string, std::string, std::less<>>;

std::string value_of(const Keys& keys, std::string_view key) {
  const auto found = keys.find(key);
  return found == keys.end() ? std::string() : found->second;
}

// As java.lang.Boolean: everything but "true" is false.
bool is_true(std::string_view value) {
  return value.size() == 4 && std::ranges::equal(value, std::string_view("true"), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    if (end > at) parts.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::expected<tls::StoreFile, std::string> store_of(const Keys& keys, const std::string& prefix) {
  tls::StoreFile store;
  store.path = value_of(keys, prefix + ".location");
  store.password = value_of(keys, prefix + ".password");
  store.password_path = value_of(keys, prefix + ".passwordPath");
  const auto type = tls::store_type_from(value_of(keys, prefix + ".type"));
  if (!type) return std::unexpected(fmt::format("{}.type: {}", prefix, type.error()));
  store.type = *type;
  return store;
}

std::expected<tls::Options, std::string> tls_of(const Keys& keys, std::string_view name) {
  tls::Options options;
  for (auto& [store, prefix] : {std::pair(&options.trust_store, "zookeeper.ssl.trustStore"),
                                std::pair(&options.key_store, "zookeeper.ssl.keyStore")}) {
    auto read = store_of(keys, prefix);
    if (!read) return std::unexpected(fmt::format("{}: {}", name, read.error()));
    *store = std::move(*read);
  }
  if (options.trust_store.path.empty())
    return std::unexpected(
        fmt::format("{}: zookeeper.client.secure needs zookeeper.ssl.trustStore.location, a store with "
                    "the certificates of those who may sign the servers'",
                    name));
  options.protocol = value_of(keys, "zookeeper.ssl.protocol");
  options.enabled_protocols = split(value_of(keys, "zookeeper.ssl.enabledProtocols"));
  options.cipher_suites = split(value_of(keys, "zookeeper.ssl.ciphersuites"));
  const std::string verification = value_of(keys, "zookeeper.ssl.hostnameVerification");
  if (!verification.empty() && !is_true(verification)) options.hostname_verification = tls::Switch::off;
  return options;
}

}  // namespace

std::expected<ClientConfiguration, std::string> parse_client_configuration(std::string_view text,
                                                                           std::string_view name) {
  const auto properties = config::parse_properties(text);
  if (!properties)
    return std::unexpected(
        fmt::format("{}:{}: {}", name, properties.error().front().line, properties.error().front().text));
  Keys keys;
  for (const config::Property& each : properties->entries) keys[each.key] = each.value;
  ClientConfiguration configuration;
  configuration.jaas_path = value_of(keys, "java.security.auth.login.config");
  if (const auto section = value_of(keys, "zookeeper.sasl.clientconfig"); !section.empty())
    configuration.jaas_section = section;
  if (!is_true(value_of(keys, "zookeeper.client.secure"))) return configuration;
  auto tls = tls_of(keys, name);
  if (!tls) return std::unexpected(tls.error());
  configuration.tls = std::move(*tls);
  return configuration;
}

std::expected<sasl::Login, std::string> login_of(std::string_view jaas, const ClientConfiguration& configuration) {
  const auto file = sasl::JaasFile::parse(jaas);
  if (!file) return std::unexpected(fmt::format("{}: {}", configuration.jaas_path, file.error()));
  const sasl::Section* const section = file->find(configuration.jaas_section);
  if (section == nullptr)
    return std::unexpected(fmt::format("{} has no section {}: write one with DigestLoginModule, username and password",
                                       configuration.jaas_path, configuration.jaas_section));
  auto login = sasl::digest_login(*section);
  if (!login)
    return std::unexpected(
        fmt::format("{}: section {}: {}", configuration.jaas_path, configuration.jaas_section, login.error()));
  return login;
}

std::expected<ClientSecurity, std::string> load_client_security(env::Disk& disk, const std::string& path) {
  const auto text = read_text_file(disk, path);
  if (!text) return std::unexpected(text.error());
  const auto configuration = parse_client_configuration(*text, path);
  if (!configuration) return std::unexpected(configuration.error());
  ClientSecurity security{configuration->tls, {}};
  if (configuration->jaas_path.empty()) return security;
  const auto jaas = read_text_file(disk, configuration->jaas_path);
  if (!jaas) return std::unexpected(jaas.error());
  auto login = login_of(*jaas, *configuration);
  if (!login) return std::unexpected(login.error());
  security.login = std::move(*login);
  return security;
}

}  // namespace quoll::apps::shell
