// The file of -client-configuration: TLS and SASL settings of a client, with the keys of Apache's ZKClientConfig, and
// java.security.auth.login.config, which Java takes from its command line.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "env/disk.h"
#include "sasl/jaas.h"
#include "tls/options.h"

namespace quoll::apps::shell {

struct ClientConfiguration {
  std::optional<tls::Options> tls;  // nothing: zookeeper.client.secure is not true, and connections are plain
  std::string jaas_path;            // empty: no login
  std::string jaas_section = "Client";
};

// The error says which key of `name` is wrong, and what to write.
std::expected<ClientConfiguration, std::string> parse_client_configuration(std::string_view text,
                                                                           std::string_view name);

// The same with the files that it names: how a client connects, and as whom.
struct ClientSecurity {
  std::optional<tls::Options> tls;
  std::optional<sasl::Login> login;
};
// The error is a sentence for people.
std::expected<ClientSecurity, std::string> load_client_security(env::Disk& disk, const std::string& path);

// The user and password of a section of a JAAS file with DigestLoginModule.
std::expected<sasl::Login, std::string> login_of(std::string_view jaas, const ClientConfiguration& configuration);

}  // namespace quoll::apps::shell
