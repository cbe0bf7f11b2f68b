// Authentication, SASL and TLS keys. Secrets are not part of messages.
#include <gtest/gtest.h>

#include "config/test_support.h"

namespace quoll::config {
namespace {

using testing::basics;
using testing::loaded;
using testing::notices;
using testing::problems;

constexpr std::string_view kStores = "ssl.keyStore.location=/k.jks\nssl.trustStore.location=/t.pem\n";

TEST(Security, known_providers_turn_on_their_schemes) {
  const auto result =
      loaded(basics("authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n"
                    "authProvider.ens=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider\n"
                    "authProvider.k=org.apache.zookeeper.server.auth.KeyAuthenticationProvider\n"
                    "ensembleAuthName=a, b\n"));
  ASSERT_TRUE(result) << problems(result);
  const auto& auth = result->settings.auth;
  EXPECT_TRUE(auth.sasl && auth.ensemble && auth.key && auth.digest);
  EXPECT_FALSE(auth.x509);
  EXPECT_EQ(auth.ensemble_names, (std::set<std::string>{"a", "b"}));
}

TEST(Security, unknown_provider_is_refused) {
  const auto text = problems(loaded(basics("authProvider.1=com.example.Mine\n")));
  EXPECT_TRUE(
      text.starts_with("zoo.cfg:4: authProvider.1 names the class com.example.Mine, which Quoll does not have;"))
      << text;
}

TEST(Security, a_provider_that_apache_cannot_load_either_has_no_effect) {
  const auto result =
      loaded(basics("authProvider.1=\n"
                    "authProvider.2=org.apache.zookeeper.server.auth.SaslAuthenticationProvider\n"));
  ASSERT_TRUE(result) << problems(result);
  EXPECT_FALSE(result->settings.auth.sasl);
  const auto text = notices(result, Weight::warning);
  EXPECT_TRUE(text.starts_with("zoo.cfg:4: authProvider.1 is empty, which has no effect, as in Apache's server; "))
      << text;
  EXPECT_TRUE(text.contains("zoo.cfg:5: authProvider.2 names the class ")) << text;
}

TEST(Security, the_secure_port_enables_x509_and_needs_a_key_store) {
  const auto result = loaded(basics("secureClientPort=2281\n" + std::string(kStores)));
  ASSERT_TRUE(result) << problems(result);
  EXPECT_TRUE(result->settings.auth.x509);
  EXPECT_EQ(problems(loaded(basics("secureClientPort=2281\n"))),
            "zoo.cfg:4: secureClientPort needs ssl.keyStore.location, the server's key and certificate\n");
}

TEST(Security, scheme_of_certificates_needs_its_provider) {
  const auto text = basics("secureClientPort=2281\nssl.authProvider=mine\n" + std::string(kStores));
  EXPECT_EQ(problems(loaded(text)),
            "zoo.cfg:5: ssl.authProvider names a scheme that no authProvider of that name offers\n");
}

TEST(Security, enforced_schemes_must_have_providers) {
  EXPECT_EQ(
      loaded(basics("enforce.auth.enabled=true\nenforce.auth.schemes=digest, ip\n"))->settings.auth.enforced_schemes,
      (std::vector<std::string>{"digest", "ip"}));
  EXPECT_TRUE(loaded(basics("enforce.auth.schemes=nosuch\n"))->settings.auth.enforced_schemes.empty());
  EXPECT_EQ(problems(loaded(basics("enforce.auth.enabled=true\n"))),
            "zoo.cfg:4: enforce.auth.enabled is true, but enforce.auth.schemes names no scheme\n");
  EXPECT_EQ(problems(loaded(basics("enforce.auth.enabled=true\nenforce.auth.schemes=sasl\n"))),
            "zoo.cfg:5: enforce.auth.schemes asks for the scheme sasl, which no authProvider offers\n");
  EXPECT_EQ(problems(loaded(basics("sessionRequireClientSASLAuth=true\n"))),
            "zoo.cfg:4: sessionRequireClientSASLAuth asks for the scheme sasl, which no authProvider offers\n");
}

TEST(Security, protocols_are_the_configured_ones_or_by_default_1_2_and_1_3) {
  using Names = std::vector<std::string>;
  const auto protocols = [](std::string_view text) { return loaded(basics(text))->settings.tls.protocols; };
  EXPECT_EQ(protocols(""), (Names{"TLSv1.3", "TLSv1.2"}));
  EXPECT_EQ(protocols("ssl.protocol=TLS\n"), (Names{"TLSv1.3", "TLSv1.2"}));
  EXPECT_EQ(protocols("ssl.protocol=TLSv1.2\n"), (Names{"TLSv1.2"}));
  EXPECT_EQ(protocols("ssl.protocol=TLSv1.3\n"), (Names{"TLSv1.3"}));
  EXPECT_EQ(protocols("ssl.enabledProtocols=TLSv1.3\n"), (Names{"TLSv1.3"}));
  EXPECT_EQ(protocols("ssl.protocol=TLSv1.3\nssl.enabledProtocols=TLSv1.2,TLSv1.3\n"), (Names{"TLSv1.2", "TLSv1.3"}));
  EXPECT_NE(
      problems(loaded(basics("secureClientPort=2281\nssl.enabledProtocols=TLSv1.3,SSLv3\n" + std::string(kStores)))),
      "");
}

TEST(Security, port_unification_applies_to_the_client_port_and_needs_a_key_store) {
  const auto unified = [](std::string_view text) { return loaded(basics(text))->settings.tls.on_client_port; };
  EXPECT_TRUE(unified("client.portUnification=true\nssl.keyStore.location=/k.pem\n"));
  EXPECT_FALSE(unified("ssl.keyStore.location=/k.pem\n"));
  EXPECT_FALSE(unified("client.portUnification=true\n"));
  EXPECT_TRUE(notices(loaded(basics("client.portUnification=true\n"))).contains("without ssl.keyStore.location"));
}

TEST(Security, the_format_of_a_store_comes_from_its_type_or_suffix) {
  EXPECT_EQ(loaded(basics("ssl.keyStore.location=/k\nssl.keyStore.type=pkcs12\n"))->settings.tls.key_store.form,
            StoreForm::pkcs12);
  EXPECT_EQ(loaded(basics("ssl.keyStore.location=/k.jks\n"))->settings.tls.key_store.form, StoreForm::by_ending);
  EXPECT_EQ(problems(loaded(basics("ssl.keyStore.location=/k.bin\nsecureClientPort=2281\nssl.clientAuth=none\n"))),
            "zoo.cfg:4: ssl.keyStore.location does not end in .jks, .pem or .p12; set ssl.keyStore.type\n");
}

TEST(Security, client_certificates_are_requested_as_configured) {
  EXPECT_EQ(loaded(basics("ssl.clientAuth=WANT\n"))->settings.tls.client_auth, ClientAuth::want);
  EXPECT_EQ(loaded(basics("ssl.clientAuth=none\n"))->settings.tls.client_auth, ClientAuth::none);
  EXPECT_NE(problems(loaded(basics("secureClientPort=2281\nssl.clientAuth=maybe\n" + std::string(kStores)))), "");
}

TEST(Security, superusers_are_collected) {
  const auto result = loaded(basics("superUser=a\nsuperUser.1=b\nX509AuthenticationProvider.superUser=CN=root\n"));
  EXPECT_EQ(result->settings.auth.sasl_super_users, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(result->settings.auth.x509_super_user, "CN=root");
}

TEST(Security, weakening_switches_cause_warnings) {
  EXPECT_EQ(notices(loaded(basics("skipACL=yes\nforceSync=no\n"))),
            "zoo.cfg:4: skipACL is yes: no ACL is checked\n"
            "zoo.cfg:5: forceSync is no: a power cut loses writes that were answered\n");
}

// Gives every secret in every wrong way that we know; none may be part of a message.
TEST(Security, secrets_never_appear_in_messages) {
  std::string text = basics("tickTime=bad\nssl.keyStore.pasword=hunter2\nzookeeper.ssl.keyStore.password=hunter2\n");
  Flags flags{{"zookeeper.ssl.keyStore.pasword", "hunter2"}, {"jute.maxbufer", "hunter2"}};
  for (const auto& key : keys()) {
    if (key.type != Type::secret) continue;
    text += fmt::format("{0}=hunter2\n{0}=hunter2\n", key.name);
    flags.emplace_back(property_name(key), "hunter2x");
  }
  const auto with_problems = problems(loaded(text, flags));
  EXPECT_NE(with_problems, "");
  EXPECT_EQ(with_problems.find("hunter2"), std::string::npos) << with_problems;
  text.replace(text.find("tickTime=bad"), 12, "tickTime=100");
  const auto with_notices = notices(loaded(text, flags));
  EXPECT_NE(with_notices, "");
  EXPECT_EQ(with_notices.find("hunter2"), std::string::npos) << with_notices;
}

TEST(Security, password_of_a_flag_keeps_its_blanks_as_in_java) {
  EXPECT_EQ(loaded(basics(), {{"zookeeper.ssl.keyStore.password", " a "}})->settings.tls.key_store.password.reveal(),
            " a ");
  EXPECT_EQ(loaded(basics("ssl.keyStore.password= a \n"))->settings.tls.key_store.password.reveal(), "a");
}

TEST(Security, control_characters_in_a_file_do_not_reach_the_log) {
  const auto text = notices(loaded(basics("bad\\u001b[31mkey=1\nmaxCnxns=5\n")));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace quoll::config
