// Loads the key stores and the JAAS file.
#include <fmt/format.h>

#include "apps/server_options.h"
#include "apps/text_file.h"
#include "sasl/digest_server.h"
#include "sasl/jaas.h"
#include "sasl/nonce.h"

namespace quoll::apps {

namespace {

tls::StoreFile store_file(const config::Store& from) {
  tls::StoreFile to;
  to.path = from.file;
  to.password = from.password.reveal();
  to.password_path = from.password_file;
  switch (from.form) {
    case config::StoreForm::by_ending:
      break;
    case config::StoreForm::jks:
      to.type = tls::StoreType::jks;
      break;
    case config::StoreForm::pem:
      to.type = tls::StoreType::pem;
      break;
    case config::StoreForm::pkcs12:
      to.type = tls::StoreType::pkcs12;
      break;
  }
  return to;
}

class DigestExchange : public server::SaslExchange {
 public:
  explicit DigestExchange(std::shared_ptr<const sasl::DigestConfig> config)
      : config_(std::move(config)), server_(*config_, sasl::secure_nonces()) {}
  std::expected<std::optional<std::string>, std::string> step(std::string_view token) override {
    auto answer = server_.step(token);
    if (!answer) return std::unexpected(answer.error().reason);
    return std::optional(std::move(*answer));
  }
  [[nodiscard]] bool is_complete() const override { return server_.complete(); }
  [[nodiscard]] std::string authorization_id() const override { return server_.authorization_id(); }

 private:
  std::shared_ptr<const sasl::DigestConfig> config_;
  sasl::DigestServer server_;
};

}  // namespace

std::expected<std::shared_ptr<tls::Context>, std::string> tls_context(const config::Settings& settings,
                                                                      env::Disk& disk) {
  if (!settings.network.secure_client && !settings.tls.on_client_port) return nullptr;
  const config::Tls& from = settings.tls;
  tls::Options to;
  to.key_store = store_file(from.key_store);
  to.trust_store = store_file(from.trust_store);
  to.enabled_protocols = from.protocols;
  to.cipher_suites = from.cipher_suites;
  to.client_auth = from.client_auth == config::ClientAuth::none   ? tls::ClientAuth::none
                   : from.client_auth == config::ClientAuth::want ? tls::ClientAuth::want
                                                                  : tls::ClientAuth::need;
  to.hostname_verification = from.hostname_verification ? tls::Switch::on : tls::Switch::off;
  to.client_hostname_verification = from.client_hostname_verification ? tls::Switch::on : tls::Switch::off;
  to.handshake_timeout_ms = from.detection_timeout_ms;
  return tls::Context::create(disk, std::move(to), tls::Role::server);
}

std::expected<server::SaslFactory, std::string> sasl_factory(const config::Settings& settings, env::Disk& disk) {
  const config::Sasl& from = settings.sasl;
  if (from.jaas_file.empty()) return server::SaslFactory();
  const auto text = read_text_file(disk, from.jaas_file);
  if (!text) return std::unexpected(text.error());
  const auto jaas = sasl::JaasFile::parse(*text);
  if (!jaas) return std::unexpected(fmt::format("{}: {}", from.jaas_file, jaas.error()));
  const sasl::Section* const section = jaas->find(from.section);
  if (section == nullptr && from.section_given) {
    return std::unexpected(
        fmt::format("{} has no section \"{}\" (zookeeper.sasl.serverconfig)", from.jaas_file, from.section));
  }
  if (section == nullptr) return server::SaslFactory();
  auto users = sasl::digest_users(*section);
  if (!users) return std::unexpected(fmt::format("{}: {}", from.jaas_file, users.error()));
  auto config = std::make_shared<sasl::DigestConfig>();
  config->users = std::move(*users);
  if (!from.super_password.empty()) config->super_password = from.super_password.reveal();
  return [config] { return std::make_unique<DigestExchange>(config); };
}

}  // namespace quoll::apps
