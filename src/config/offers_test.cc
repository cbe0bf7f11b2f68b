// Keys that are not honoured are reported or refused, and other programs' files load.
#include <gtest/gtest.h>

#include "config/test_support.h"

namespace quoll::config {
namespace {

using testing::basics;
using testing::loaded;
using testing::notices;
using testing::problems;

TEST(Offers, key_without_effect_says_why) {
  EXPECT_EQ(notices(loaded(basics("commitProcessor.numWorkerThreads=4\n"))),
            "zoo.cfg:4: commitProcessor.numWorkerThreads has no effect: Quoll serves all connections from one event "
            "loop and needs no such pool\n");
}

TEST(Offers, class_that_serves_connections_must_be_one_of_apaches) {
  EXPECT_EQ(problems(loaded(basics("serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory\n"))), "");
  EXPECT_TRUE(problems(loaded(basics("serverCnxnFactory=com.example.Mine\n")))
                  .starts_with("zoo.cfg:4: serverCnxnFactory must be one of "));
}

TEST(Offers, the_default_of_a_key_that_is_not_offered_is_accepted) {
  EXPECT_EQ(notices(loaded(basics("sslQuorum=false\naudit.enable=FALSE\nstandaloneEnabled=true\npeerType=participant\n"
                                  "quorum.auth.enableSasl=false\nsecurity.auth_to_local=DEFAULT\n"))),
            "");
}

TEST(Offers, keys_that_would_weaken_the_server_are_refused_with_an_alternative) {
  const std::string secure = "\nsecureClientPort=2281\nssl.keyStore.location=/k.jks\nssl.trustStore.location=/t.pem\n";
  for (const auto* line : {"ssl.crl=true", "ssl.ocsp=TRUE", "ssl.context.supplier.class=com.example.Ssl"}) {
    const std::string text(line);
    const auto expected = fmt::format("zoo.cfg:4: {} is not supported. ", text.substr(0, text.find('=')));
    EXPECT_TRUE(problems(loaded(basics(text + secure))).starts_with(expected)) << line;
  }
  EXPECT_EQ(problems(loaded(basics("audit.enable=yes\n"))), "") << "which is no for Apache's server";
}

TEST(Offers, keys_about_other_servers_or_kerberos_have_no_effect_but_a_notice) {
  for (const auto* line :
       {"sslQuorum=true", "quorum.auth.enableSasl=true", "kerberos.removeHostFromPrincipal=true",
        "kerberos.removeRealmFromPrincipal=true", "requireKerberosConfig=true", "peerType=observer", "group.1=1:2:3",
        "weight.1=1", "security.auth_to_local=RULE:[1:$1]", "quorumListenOnAllIPs=true", "ssl.crl=true"}) {
    const std::string text(line);
    const auto result = loaded(basics(text + "\n"));
    EXPECT_EQ(problems(result), "") << line;
    const auto expected = fmt::format("zoo.cfg:4: {} has no effect: ", text.substr(0, text.find('=')));
    EXPECT_TRUE(notices(result).starts_with(expected)) << notices(result);
  }
}

TEST(Offers, zoo_cfgs_own_keys_must_be_readable_even_without_effect) {
  EXPECT_EQ(
      problems(loaded(basics("initLimit=ten\nquorumListenOnAllIPs=maybe\nelectionAlg=2\nlocalSessionsEnabled=1\n"))),
      "zoo.cfg:4: initLimit must be a whole number, not 'ten'\n"
      "zoo.cfg:5: quorumListenOnAllIPs must be true or false, not 'maybe'\n"
      "zoo.cfg:6: electionAlg is 2, but must be from 3 to 3\n"
      "zoo.cfg:7: localSessionsEnabled must be true or false, not '1'\n");
}

TEST(Offers, the_admin_server_is_configured) {
  EXPECT_EQ(notices(loaded("dataDir=/d\nclientPort=2181\n")), "");
  EXPECT_EQ(loaded("dataDir=/d\nclientPort=2181\n")->settings.admin, Admin());
  const auto given = loaded(
      "dataDir=/d\nclientPort=2181\nadmin.serverAddress=::1\nadmin.serverPort=0\nadmin.idleTimeout=5\n"
      "admin.commandURL=/quoll/\n");
  EXPECT_EQ(notices(given), "");
  EXPECT_EQ(given->settings.admin, (Admin{true, "::1", 0, true, 5, "/quoll"}));
  EXPECT_EQ(problems(loaded("dataDir=/d\nclientPort=2181\nadmin.commandURL=x\n")),
            "zoo.cfg:3: admin.commandURL must begin with a slash, as /commands does\n");
  EXPECT_EQ(problems(loaded("dataDir=/d\nclientPort=2181\nadmin.forceHttps=true\n")),
            "zoo.cfg:3: admin.forceHttps needs ssl.quorum.keyStore.location, the key and certificate of this server\n");
  EXPECT_EQ(
      problems(loaded("dataDir=/d\nclientPort=2181\nadmin.portUnification=true\nadmin.needClientAuth=true\n"
                      "ssl.quorum.keyStore.location=/k.pem\n")),
      "zoo.cfg:4: admin.needClientAuth needs ssl.quorum.trustStore.location, by which the certificates of clients "
      "are checked\n");
  const auto secure = loaded(
      "dataDir=/d\nclientPort=2181\nadmin.forceHttps=true\nssl.quorum.keyStore.location=/k.pem\n"
      "ssl.quorum.keyStore.password=secret\n");
  EXPECT_EQ(notices(secure), "") << "a server that runs alone has them, too";
  EXPECT_EQ(secure->settings.admin.https, Https::alone);
  EXPECT_EQ(secure->settings.admin.tls.client_auth, ClientAuth::none);
  EXPECT_EQ(secure->settings.admin.tls.key_store.file, "/k.pem");
  EXPECT_EQ(notices(loaded(basics("admin.forceHttps=true\n"))), "") << "without an admin server it does not matter";
}

TEST(Offers, the_audit_log_is_configured_and_a_foreign_class_is_refused) {
  const auto result = loaded(basics("audit.enable=true\nquoll.audit.file=/var/log/audit\n"));
  EXPECT_EQ(notices(result), "");
  EXPECT_EQ(result->settings.audit, (Audit{true, "/var/log/audit"}));
  EXPECT_TRUE(problems(loaded(basics("audit.enable=true\naudit.impl.class=com.example.Audit\n")))
                  .starts_with("zoo.cfg:5: audit.impl.class names a class that Quoll does not have"));
  EXPECT_EQ(problems(loaded(basics("audit.impl.class=com.example.Audit\n"))), "");
}

TEST(Offers, https_for_prometheus_is_configured_as_in_apaches_3_10) {
  constexpr std::string_view kClass =
      "metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider\n";
  const auto read = [&](std::string_view lines) { return loaded(basics(std::string(kClass) + std::string(lines))); };
  constexpr std::string_view kKey = "metricsProvider.httpsPort=7443\nmetricsProvider.ssl.keyStore.location=/k.p12\n";
  const auto alone = read(std::string(kKey) + "metricsProvider.ssl.trustStore.location=/t.p12\n");
  ASSERT_TRUE(alone);
  EXPECT_FALSE(alone->settings.prometheus.port);
  EXPECT_EQ(alone->settings.prometheus.https_port, 7443);
  EXPECT_EQ(alone->settings.prometheus.tls.client_auth, ClientAuth::need);
  const auto both =
      read(std::string(kKey) + "metricsProvider.httpPort=7001\nmetricsProvider.ssl.need.client.auth=false\n");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->settings.prometheus.port, 7001);
  EXPECT_EQ(both->settings.prometheus.tls.client_auth, ClientAuth::none);
  EXPECT_FALSE(read(kKey)) << "a client's certificate could not be checked";
  EXPECT_FALSE(read("metricsProvider.httpsPort=7443\n"));
  EXPECT_FALSE(read("metricsProvider.httpPort=-1\n"));
}

TEST(Offers, prometheus_is_configured_and_other_providers_cause_a_warning) {
  const auto result = loaded(
      basics("metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider\n"
             "metricsProvider.httpHost=::1\nmetricsProvider.httpPort=7001\nmetricsProvider.exportJvmInfo=false\n"));
  EXPECT_EQ(notices(result), "");
  EXPECT_EQ(result->settings.prometheus,
            (Prometheus{.enabled = true, .host = "::1", .port = 7001, .process_metrics = false}));
  const auto other = loaded(basics("metricsProvider.className=com.example.Metrics\n"));
  EXPECT_TRUE(notices(other, Weight::warning).starts_with("zoo.cfg:4: metricsProvider.className names a class"))
      << notices(other);
  EXPECT_FALSE(other->settings.prometheus.enabled);
}

TEST(Offers, client_flags_about_servers_are_not_server_lines) {
  const auto result =
      loaded(basics(), {{"zookeeper.server.principal", "zookeeper/h@R"}, {"zookeeper.server.realm", "R"}});
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(notices(result),
            "-Dzookeeper.server.principal: server.principal has no effect: clients read it, not the server\n"
            "-Dzookeeper.server.realm: server.realm has no effect: clients read it, not the server\n");
}

TEST(Offers, one_server_line_means_one_server) {
  const auto result = loaded(basics("server.1=a:2888:3888\n"));
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(notices(result),
            "zoo.cfg:4: server.1 is the only server listed, so this server runs alone, without elections\n");
  EXPECT_EQ(result->settings.ensemble.servers.at(1).text, "a:2888:3888");
}

TEST(Offers, one_server_line_may_set_the_client_port) {
  EXPECT_EQ(loaded("dataDir=/d\nserver.1=a:2888:3888;2191\n")->settings.network.client, (Listen{"", 2191}));
  EXPECT_EQ(problems(loaded(basics("server.1=a:2888\n"))).substr(0, 29), "zoo.cfg:4: server.1 is not of");
  EXPECT_EQ(problems(loaded(basics("server.1=a:1:2:observer\n"))),
            "zoo.cfg:4: server.1 is an observer, but there is no other server that votes\n");
}

// The file of kazoo's test harness, with its flags.
TEST(Offers, kazoos_harness_loads) {
  const auto result = loaded(
      "\ntickTime=2000\ndataDir=/w/"
      "data\nclientPort=20000\nsecureClientPort=20004\nmaxClientCnxns=0\nadmin.serverPort=20003\n"
      "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory\n"
      "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n"
      "ssl.keyStore.location=/w/keystore.jks\nssl.keyStore.password=apassword\nssl.trustStore.location=/w/"
      "truststore.jks\n"
      "ssl.trustStore.password=apassword\n\n4lw.commands.whitelist=*\nreconfigEnabled=true\nlocalSessionsEnabled=true\n"
      "localSessionsUpgradingEnabled=true\n",
      {{"zookeeper.DigestAuthenticationProvider.superDigest", "super:D/InIHSb7yEEbrWz8b9l71RjZJU="},
       {"java.security.auth.login.config", "/w/jaas.conf"},
       {"zookeeper.fips-mode", "false"},
       {"readonlymode.enabled", "true"},
       {"file.encoding", "UTF-8"},
       {"zookeeper.log.dir", "/w"},
       {"zookeeper.root.logger", "INFO,CONSOLE"},
       {"log4j.configuration", "x"},
       {"java.awt.headless", "true"}});
  ASSERT_TRUE(result) << problems(result);
  const auto& s = result->settings;
  EXPECT_EQ(s.network.secure_client, (Listen{"", 20004}));
  EXPECT_TRUE(s.auth.sasl && s.auth.x509 && s.four_letter_words.all && s.ensemble.reconfig_enabled &&
              s.ensemble.read_only_mode);
  EXPECT_EQ(s.limits.connections_per_address_max, 0);
  EXPECT_EQ(s.tls.key_store.password.reveal(), "apassword");
  EXPECT_EQ(s.auth.super_digest.reveal(), "super:D/InIHSb7yEEbrWz8b9l71RjZJU=");
  EXPECT_EQ(s.sasl.jaas_file, "/w/jaas.conf");
}

// config/zookeeper.properties as distributed with Kafka.
TEST(Offers, kafkas_file_loads_without_notices) {
  const auto result = loaded(
      "# the directory where the snapshot is stored.\ndataDir=/tmp/zookeeper\nclientPort=2181\n"
      "# disable the per-ip limit\nmaxClientCnxns=0\nadmin.enableServer=false\n# admin.serverPort=8080\n");
  ASSERT_TRUE(result) << problems(result);
  EXPECT_EQ(notices(result), "");
}

// Apache's sample, and HBase's file with a single server line.
TEST(Offers, apaches_sample_and_hbases_file_load) {
  const auto sample = loaded("tickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/tmp/zookeeper\nclientPort=2181\n");
  EXPECT_TRUE(sample) << problems(sample);
  EXPECT_EQ(notices(sample, Weight::warning), "");
  const auto hbase =
      loaded("dataDir=/hbase\nclientPort=2181\ninitLimit=10\nsyncLimit=5\nserver.0=localhost:2888:3888\n");
  EXPECT_TRUE(hbase) << problems(hbase);
}

}  // namespace
}  // namespace quoll::config
