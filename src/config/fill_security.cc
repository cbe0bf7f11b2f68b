// Authentication, SASL and TLS from their keys.
#include <algorithm>

#include "base/utf8.h"
#include "config/fill.h"
#include "config/text.h"

namespace quoll::config {
namespace {

constexpr std::string_view kProviderPackage = "org.apache.zookeeper.server.auth.";
constexpr std::string_view kProviders =
    "there are SASL, X509, Digest, IP, Ensemble and KeyAuthenticationProvider of org.apache.zookeeper.server.auth";

// Apache warns about a class that it cannot load, and starts without it. The same is done here for a class that Apache
// does not have. Any other class may replace a built-in scheme by stricter rules, and a server without it would admit
// clients that it refuses; so the start is refused.
bool is_no_class_of_apaches(std::string_view class_name) {
  constexpr std::string_view kReal = "org.apache.zookeeper.server.auth.znode.groupacl.X509ZNodeGroupAclProvider";
  return class_name.empty() || (class_name.starts_with("org.apache.zookeeper.") && class_name != kReal);
}

void fill_provider(std::string_view name, const Given& given, Values& values, Auth& auth) {
  const std::string_view class_name = given.text;
  const auto provider =
      class_name.starts_with(kProviderPackage) ? class_name.substr(kProviderPackage.size()) : std::string_view();
  if (provider == "SASLAuthenticationProvider") {
    auth.sasl = true;
  } else if (provider == "X509AuthenticationProvider") {
    auth.x509 = true;
  } else if (provider == "DigestAuthenticationProvider") {
    auth.digest = true;
  } else if (provider == "EnsembleAuthenticationProvider") {
    auth.ensemble = true;
  } else if (provider == "KeyAuthenticationProvider") {
    auth.key = true;
  } else if (provider == "IPAuthenticationProvider") {
    return;  // always enabled
  } else if (is_no_class_of_apaches(class_name)) {
    values.note(Weight::warning, name,
                fmt::format("{}, which has no effect, as in Apache's server; {}",
                            class_name.empty() ? std::string("is empty")
                                               : fmt::format("names the class {}, which Apache does not have",
                                                             base::escaped(class_name, 120)),
                            kProviders));
  } else {
    values.fault(name, fmt::format("names the class {}, which Quoll does not have; {}", base::escaped(class_name, 120),
                                   kProviders));
  }
}

bool has_scheme(const Auth& auth, std::string_view scheme) {
  return scheme == "ip" || (scheme == "digest" && auth.digest) || (scheme == "sasl" && auth.sasl) ||
         (scheme == "x509" && auth.x509) || (scheme == "ensemble" && auth.ensemble) || (scheme == "key" && auth.key);
}

// AuthenticationHelper.java: sessionRequireClientSASLAuth takes precedence over enforce.auth.*, and a scheme without a
// provider is an error.
std::vector<std::string> enforced_schemes(Values& values, const Auth& auth) {
  const bool sasl_required = values.boolean("sessionRequireClientSASLAuth");
  const bool enforced = values.boolean("enforce.auth.enabled");
  auto schemes = values.list("enforce.auth.schemes");
  if (sasl_required)
    schemes = {"sasl"};
  else if (!enforced)
    return {};
  const std::string_view key = sasl_required ? "sessionRequireClientSASLAuth" : "enforce.auth.schemes";
  if (schemes.empty()) values.fault("enforce.auth.enabled", "is true, but enforce.auth.schemes names no scheme");
  for (const auto& scheme : schemes) {
    if (has_scheme(auth, scheme)) continue;
    values.fault(key, fmt::format("asks for the scheme {}, which no authProvider offers", base::escaped(scheme, 40)));
  }
  return schemes;
}

StoreForm store_form(const std::string& type) {
  if (type == "JKS") return StoreForm::jks;
  if (type == "PEM") return StoreForm::pem;
  return type == "PKCS12" ? StoreForm::pkcs12 : StoreForm::by_ending;
}

// Without a type the file name's suffix decides, as in Apache (KeyStoreFileType.java).
Store fill_store(Values& values, std::string_view prefix, std::string_view which) {
  const auto key = [&](std::string_view part) { return fmt::format("{}{}.{}", prefix, which, part); };
  Store store;
  store.file = values.text(key("location"));
  store.password = values.secret(key("password"));
  store.password_file = values.text(key("passwordPath"));
  store.form = store_form(values.text(key("type")));
  const auto ends = [&](std::string_view ending) { return store.file.ends_with(ending); };
  if (!store.file.empty() && store.form == StoreForm::by_ending && !ends(".jks") && !ends(".pem") && !ends(".p12")) {
    values.fault(key("location"), fmt::format("does not end in .jks, .pem or .p12; set {}", key("type")));
  }
  return store;
}

// ssl.protocol names the only version to use; if no version is configured, TLS 1.2 and 1.3 are used.
std::vector<std::string> protocols(Values& values, const std::string& prefix) {
  auto enabled = values.list(prefix + "enabledProtocols");
  const auto only = values.text(prefix + "protocol");
  if (!enabled.empty()) return enabled;
  if (only == "TLS" || values.find(prefix + "protocol") == nullptr) return {"TLSv1.3", "TLSv1.2"};
  return {only};
}

ClientAuth client_auth(Values& values, const std::string& prefix) {
  const auto word = values.text(prefix + "clientAuth");
  if (word == "none") return ClientAuth::none;
  return word == "want" ? ClientAuth::want : ClientAuth::need;
}

void check_stores(Values& values, const Tls& tls) {
  if (tls.key_store.file.empty())
    values.fault("secureClientPort", "needs ssl.keyStore.location, the server's key and certificate");
  if (tls.trust_store.file.empty() && tls.client_auth != ClientAuth::none) {
    values.note(Weight::warning, "secureClientPort",
                "asks for client certificates, but ssl.trustStore.location names no authorities to check them by");
  }
}

// Without a key store Apache's server closes every TLS connection; here the port serves plain text only.
bool unifies_client_port(Values& values, const Network& network, const Tls& tls) {
  if (!values.boolean("client.portUnification")) return false;
  if (!network.client) {
    values.note(Weight::warning, "client.portUnification",
                "has no effect without clientPort: it lets that port take TLS");
    return false;
  }
  if (!tls.key_store.file.empty()) return true;
  values.note(Weight::warning, "client.portUnification",
              "has no effect without ssl.keyStore.location: clientPort takes plain text alone");
  return false;
}

// Apache reads the TLS keys when somebody connects with TLS. If nobody can, wrong keys are not an error.
void soften(Values& values, std::size_t problems_before, std::string_view without) {
  auto& [notices, problems] = values.report();
  for (std::size_t i = problems_before; i < problems.size(); ++i) {
    auto& [key, line, text] = problems[i];
    notices.push_back({Weight::warning, key, line, fmt::format("{}; it does not count without {}", text, without)});
  }
  problems.resize(problems_before);
}

}  // namespace

Sasl fill_sasl(Values& values) {
  Sasl sasl;
  sasl.jaas_file = values.text("java.security.auth.login.config");
  sasl.section = values.text("sasl.serverconfig");
  sasl.section_given = values.find("sasl.serverconfig") != nullptr;
  sasl.super_password = values.secret("SASLAuthenticationProvider.superPassword");
  sasl.allow_failed_clients = values.boolean("allowSaslFailedClients");
  return sasl;
}

namespace {

// What clients' and servers' connections have in common.
Tls fill_common(Values& values, const std::string& prefix) {
  Tls tls;
  tls.key_store = fill_store(values, prefix, "keyStore");
  tls.trust_store = fill_store(values, prefix, "trustStore");
  tls.protocols = protocols(values, prefix);
  tls.cipher_suites = values.list(prefix + "ciphersuites");
  tls.client_auth = client_auth(values, prefix);
  tls.hostname_verification = values.boolean(prefix + "hostnameVerification");
  tls.client_hostname_verification = values.boolean(prefix + "clientHostnameVerification");
  tls.detection_timeout_ms = values.int32(prefix + "handshakeDetectionTimeoutMillis");
  return tls;
}

}  // namespace

Tls fill_tls(Values& values, const Network& network) {
  const std::size_t problems_before = values.report().problems.size();
  Tls tls = fill_common(values, "ssl.");
  tls.outstanding_handshakes_max = values.int32("netty.server.outstandingHandshake.limit");
  tls.on_client_port = unifies_client_port(values, network, tls);
  tls.reload_stores = values.boolean("client.certReload");
  tls.auth_scheme = values.text("ssl.authProvider");
  if (network.secure_client) check_stores(values, tls);
  if (!network.secure_client && !tls.on_client_port) soften(values, problems_before, "TLS for clients");
  return tls;
}

// QuorumPeer.java: with portUnification a server accepts both, and connects as sslQuorum says.
void fill_quorum_tls(Values& values, Ensemble& ensemble) {
  const std::size_t problems_before = values.report().problems.size();
  const bool connects_with_tls = values.boolean("sslQuorum");
  const bool unifies = values.boolean("portUnification");
  Tls tls = fill_common(values, "ssl.quorum.");
  tls.reload_stores = values.boolean("sslQuorumReloadCertFiles");
  if (ensemble.runs_alone() || (!connects_with_tls && !unifies))
    return soften(values, problems_before, "TLS between servers");
  ensemble.tls = std::move(tls);
  ensemble.connects_with_tls = connects_with_tls;
  ensemble.accepts_tls = true;
  ensemble.accepts_plain = unifies;
  const std::string_view why = connects_with_tls ? "sslQuorum" : "portUnification";
  if (ensemble.tls.key_store.file.empty())
    values.fault(why, "needs ssl.quorum.keyStore.location, the key and certificate of this server");
  if (ensemble.tls.trust_store.file.empty())
    values.fault(why, "needs ssl.quorum.trustStore.location, by which the certificates of other servers are checked");
}

// JettyAdminServer.java: the stores are those of the connections between servers, also of a server that runs alone.
void fill_admin_tls(Values& values, Admin& admin) {
  const std::size_t problems_before = values.report().problems.size();
  const bool forces = values.boolean("admin.forceHttps");
  const bool unifies = values.boolean("admin.portUnification");
  const bool needs_clients = values.boolean("admin.needClientAuth");
  Tls tls = fill_common(values, "ssl.quorum.");
  tls.reload_stores = values.boolean("sslQuorumReloadCertFiles");
  if (!admin.enabled || (!forces && !unifies)) return soften(values, problems_before, "HTTPS of the admin server");
  admin.https = forces ? Https::alone : Https::beside_http;
  admin.tls = std::move(tls);
  admin.tls.client_auth = needs_clients ? ClientAuth::need : ClientAuth::none;
  // Jetty does not compare a client's certificate with its address.
  admin.tls.client_hostname_verification = false;
  const std::string_view why = forces ? "admin.forceHttps" : "admin.portUnification";
  if (admin.tls.key_store.file.empty())
    values.fault(why, "needs ssl.quorum.keyStore.location, the key and certificate of this server");
  if (needs_clients && admin.tls.trust_store.file.empty())
    values.fault("admin.needClientAuth",
                 "needs ssl.quorum.trustStore.location, by which the certificates of clients are checked");
}

// PrometheusMetricsProvider.java of 3.10. It looks for renewed stores every ten minutes.
void fill_prometheus_tls(Values& values, Prometheus& prometheus) {
  const std::size_t problems_before = values.report().problems.size();
  Tls tls;
  tls.key_store = fill_store(values, "metricsProvider.ssl.", "keyStore");
  tls.trust_store = fill_store(values, "metricsProvider.ssl.", "trustStore");
  if (auto enabled = values.list("metricsProvider.ssl.enabledProtocols"); !enabled.empty())
    tls.protocols = std::move(enabled);
  tls.cipher_suites = values.list("metricsProvider.ssl.ciphersuites");
  tls.reload_stores = true;
  const bool needs_clients = values.boolean("metricsProvider.ssl.need.client.auth");
  const bool wants_clients = values.boolean("metricsProvider.ssl.want.client.auth");
  if (!prometheus.enabled || !prometheus.https_port)
    return soften(values, problems_before, "metricsProvider.httpsPort");
  if (tls.key_store.file.empty())
    values.fault("metricsProvider.httpsPort",
                 "needs metricsProvider.ssl.keyStore.location, the key and certificate of this server");
  if (needs_clients && tls.trust_store.file.empty())
    values.fault("metricsProvider.httpsPort",
                 "requires certificates of clients, and needs metricsProvider.ssl.trustStore.location to check them; "
                 "without certificates: metricsProvider.ssl.need.client.auth=false");
  tls.client_auth = needs_clients                                    ? ClientAuth::need
                    : wants_clients && !tls.trust_store.file.empty() ? ClientAuth::want
                                                                     : ClientAuth::none;
  prometheus.tls = std::move(tls);
}

Auth fill_auth(Values& values, const Network& network, const Tls& tls) {
  Auth auth;
  auth.digest = values.boolean("DigestAuthenticationProvider.enabled");
  for (const auto& [name, given] : values.all()) {
    if (name.starts_with("authProvider.")) fill_provider(name, given, values, auth);
    if (name == "superUser" || name.starts_with("superUser.")) auth.sasl_super_users.push_back(given.text);
  }
  if (network.secure_client || tls.on_client_port) {
    if (tls.auth_scheme == "x509") {
      auth.x509 = true;
    } else if (values.find("authProvider." + tls.auth_scheme) == nullptr) {
      values.fault("ssl.authProvider", "names a scheme that no authProvider of that name offers");
    }
  }
  auth.digest_algorithm = values.text("DigestAuthenticationProvider.digestAlg");
  auth.super_digest = values.secret("DigestAuthenticationProvider.superDigest");
  auth.x509_super_user = values.text("X509AuthenticationProvider.superUser");
  auth.any_sasl_user_id = values.maybe_text("letAnySaslUserDoX");
  for (const auto& name : values.list("ensembleAuthName")) auth.ensemble_names.insert(name);
  auth.enforced_schemes = enforced_schemes(values, auth);
  auth.skip_acl = values.boolean("skipACL");
  if (auth.skip_acl) values.note(Weight::warning, "skipACL", "is yes: no ACL is checked");
  return auth;
}

}  // namespace quoll::config
