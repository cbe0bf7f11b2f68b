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

namespace {

tls::Options tls_options(const config::Tls& from) {
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
  return to;
}

}  // namespace

std::expected<std::shared_ptr<tls::Context>, std::string> tls_context(const config::Settings& settings,
                                                                      env::Disk& disk) {
  if (!settings.network.secure_client && !settings.tls.on_client_port) return nullptr;
  return tls::Context::create(disk, tls_options(settings.tls), tls::Role::server);
}

std::expected<std::shared_ptr<tls::Context>, std::string> quorum_tls_context(const config::Settings& settings,
                                                                             env::Disk& disk, tls::Role role) {
  const config::Ensemble& ensemble = settings.ensemble;
  if (!ensemble.accepts_tls) return nullptr;
  tls::Options options = tls_options(ensemble.tls);
  for (const auto& [id, line] : ensemble.servers) {
    for (const config::PeerAddress& at : line.addresses) options.client_names.push_back(at.host);
  }
  return tls::Context::create(disk, std::move(options), role);
}

std::expected<std::shared_ptr<tls::Context>, std::string> admin_tls_context(const config::Settings& settings,
                                                                            env::Disk& disk) {
  if (settings.admin.https == config::Https::none) return nullptr;
  return tls::Context::create(disk, tls_options(settings.admin.tls), tls::Role::server);
}

std::expected<std::shared_ptr<tls::Context>, std::string> metrics_tls_context(const config::Settings& settings,
                                                                              env::Disk& disk) {
  if (!settings.prometheus.enabled || !settings.prometheus.https_port) return nullptr;
  return tls::Context::create(disk, tls_options(settings.prometheus.tls), tls::Role::server);
}

namespace {

std::expected<sasl::JaasFile, std::string> jaas_file(const std::string& path, env::Disk& disk) {
  const auto text = read_text_file(disk, path);
  if (!text) return std::unexpected(text.error());
  auto jaas = sasl::JaasFile::parse(*text);
  if (!jaas) return std::unexpected(fmt::format("{}: {}", path, jaas.error()));
  return jaas;
}

}  // namespace

std::expected<server::SaslFactory, std::string> sasl_factory(const config::Settings& settings, env::Disk& disk) {
  const config::Sasl& from = settings.sasl;
  if (from.jaas_file.empty()) return server::SaslFactory();
  const auto jaas = jaas_file(from.jaas_file, disk);
  if (!jaas) return std::unexpected(jaas.error());
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

std::expected<std::shared_ptr<const quorum::Authentication>, std::string> quorum_authentication(
    const config::Settings& settings, env::Disk& disk) {
  const config::QuorumAuth& from = settings.ensemble.auth;
  if (!from.enabled || settings.ensemble.runs_alone()) return nullptr;
  const std::string& path = settings.sasl.jaas_file;
  if (path.empty())
    return std::unexpected(
        fmt::format("needs a JAAS file with the sections {} and {}: name it with "
                    "-Djava.security.auth.login.config=FILE",
                    from.server_section, from.learner_section));
  const auto jaas = jaas_file(path, disk);
  if (!jaas) return std::unexpected(jaas.error());
  // As in Apache's servers, both must be there, also when one of them is not used yet.
  const auto section = [&](const std::string& name,
                           std::string_view key) -> std::expected<const sasl::Section*, std::string> {
    const sasl::Section* const found = jaas->find(name);
    if (found == nullptr) return std::unexpected(fmt::format("{} has no section \"{}\" ({})", path, name, key));
    return found;
  };
  const auto server = section(from.server_section, "quorum.auth.server.saslLoginContext");
  if (!server) return std::unexpected(server.error());
  const auto learner = section(from.learner_section, "quorum.auth.learner.saslLoginContext");
  if (!learner) return std::unexpected(learner.error());
  auto made = std::make_shared<quorum::Authentication>();
  made->is_required = from.server_required;
  made->nonces = sasl::secure_nonces();
  auto users = sasl::digest_users(**server);
  if (!users) return std::unexpected(fmt::format("{}: {}", path, users.error()));
  made->accepts.users = std::move(*users);
  auto login = sasl::digest_login(**learner);
  if (!login && from.learner_required) return std::unexpected(fmt::format("{}: {}", path, login.error()));
  if (from.learner_required) made->connects_as = std::move(*login);
  return made;
}

}  // namespace quoll::apps
