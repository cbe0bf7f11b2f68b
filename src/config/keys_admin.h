// Table rows for operators: four-letter words, the HTTP admin server, metrics, audit, and keys that concern Java only.
#pragma once

#include "config/keys_server.h"

namespace quoll::config::table {

inline constexpr std::string_view kNoVersion = "HTTP/1.1 and HTTP/1.0 are always answered";
inline constexpr std::string_view kNoPathStats = "Quoll does not keep statistics of paths yet";
inline constexpr std::string_view kForClients = "clients read it, not the server";
inline constexpr std::string_view kForTests = "it is for Apache's own tests";

inline constexpr Key kFourLetterWords[] = {
    anywhere("4lw.commands.whitelist", Type::list, "",
             "Four-letter words that are answered, or * for all; srvr always is.")
        .else_("srvr"),
};

inline constexpr Key kAdmin[] = {
    anywhere("admin.enableServer", Type::boolean, "true", "Starts the HTTP admin server.").only_by("false"),
    anywhere("admin.serverAddress", Type::text, "0.0.0.0", "Address that it listens on."),
    anywhere("admin.serverPort", Type::int32, "8080", "Port that it listens on.").between(0, 65535),
    anywhere("admin.idleTimeout", Type::int32, "30000", "How long an idle connection is kept.").in("ms").kept_in(1),
    anywhere("admin.commandURL", Type::text, "/commands", "Path below which commands are found."),
    anywhere("admin.httpVersion", Type::int32, "11", "Version of HTTP, without the dot.").no_effect(kNoVersion),
    anywhere("admin.portUnification", Type::boolean, "false",
             "Serves HTTP and HTTPS on one port, with the stores of ssl.quorum.*."),
    anywhere("admin.forceHttps", Type::boolean, "false", "Serves HTTPS alone, with the stores of ssl.quorum.*."),
    anywhere("admin.needClientAuth", Type::boolean, "false", "HTTPS requires a client's certificate."),
    anywhere("admin.rateLimiterIntervalInMS", Type::int32, "300000",
             "Shortest time between two snapshots, and between two restores, by command. A thousandth of it, as in "
             "Apache's server, which takes it for "
             "microseconds.")
        .in("ms"),
    anywhere("admin.snapshot.enabled", Type::boolean, "true", "Offers snapshots by command."),
    anywhere("admin.restore.enabled", Type::boolean, "true", "Offers restores by command."),
};

inline constexpr Key kMetrics[] = {
    in_file("metricsProvider.className", Type::java_class, "org.apache.zookeeper.metrics.impl.DefaultMetricsProvider",
            "Java class that publishes metrics. PrometheusMetricsProvider of org.apache.zookeeper.metrics.prometheus "
            "opens a port for Prometheus."),
    in_file("metricsProvider.httpHost", Type::text, "0.0.0.0", "Address of the port for Prometheus."),
    in_file("metricsProvider.httpPort", Type::int32, "7000",
            "Port for Prometheus; -1, or no line beside one for httpsPort: no HTTP.")
        .between(-1, 65535),
    in_file("metricsProvider.httpsPort", Type::int32, "-1",
            "Port for Prometheus by HTTPS, as of Apache's 3.10; -1: none. The number of httpPort: one port takes both.")
        .between(-1, 65535),
    in_file("metricsProvider.ssl.keyStore.location", Type::path, "", "File with the key and certificates of HTTPS.")
        .else_("none"),
    in_file("metricsProvider.ssl.keyStore.password", Type::secret, "", "Password of the key store.").else_("none"),
    in_file("metricsProvider.ssl.keyStore.passwordPath", Type::path, "",
            "File with the password of the key store. This key is Quoll's own; Apache ignores it.")
        .else_("none"),
    in_file("metricsProvider.ssl.keyStore.type", Type::text, "", "Format of the key store.")
        .one_of("JKS PEM PKCS12")
        .else_("by the ending .jks, .pem or .p12"),
    in_file("metricsProvider.ssl.trustStore.location", Type::path, "",
            "File with the certificates of authorities that clients' certificates must come from.")
        .else_("none"),
    in_file("metricsProvider.ssl.trustStore.password", Type::secret, "", "Password of the trust store.").else_("none"),
    in_file("metricsProvider.ssl.trustStore.passwordPath", Type::path, "",
            "File with the password of the trust store. This key is Quoll's own; Apache ignores it.")
        .else_("none"),
    in_file("metricsProvider.ssl.trustStore.type", Type::text, "", "Format of the trust store.")
        .one_of("JKS PEM PKCS12")
        .else_("by the ending .jks, .pem or .p12"),
    in_file("metricsProvider.ssl.need.client.auth", Type::boolean, "true", "HTTPS requires a client's certificate.")
        .lenient(),
    in_file("metricsProvider.ssl.want.client.auth", Type::boolean, "true",
            "HTTPS asks for a client's certificate, and refuses a wrong one.")
        .lenient(),
    in_file("metricsProvider.ssl.enabledProtocols", Type::list, "", "Protocols that are spoken.")
        .one_of("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3")
        .else_("TLSv1.3 and TLSv1.2"),
    in_file("metricsProvider.ssl.ciphersuites", Type::list, "", "Cipher suites, by Java's names.")
        .else_("AES-GCM with ECDHE, and the suites of TLS 1.3"),
    in_file("metricsProvider.exportJvmInfo", Type::boolean, "true", "Publishes metrics of the process, too.").lenient(),
    in_file("metricsProvider.", Type::text, "", "Any other such key is handed to the metrics provider.")
        .each()
        .else_("none")
        .no_effect("it is for the provider's threads in Java"),
    anywhere("pathStats.enabled", Type::boolean, "false", "Counts requests by path.").warned(kNoPathStats),
    anywhere("pathStats.slotCapacity", Type::int32, "60", "Slots of time that are kept.").no_effect(kNoPathStats),
    anywhere("pathStats.slotDuration", Type::int32, "15", "Length of a slot.").in("s").no_effect(kNoPathStats),
    anywhere("pathStats.maxDepth", Type::int32, "6", "Levels of a path that count.").no_effect(kNoPathStats),
    anywhere("pathStats.sampleRate", Type::real, "0.1", "Share of requests that is counted.").no_effect(kNoPathStats),
    anywhere("pathStats.initialDelay", Type::int64, "5", "Time before the first report.")
        .in("min")
        .no_effect(kNoPathStats),
    anywhere("pathStats.delay", Type::int64, "5", "Time between two reports.").in("min").no_effect(kNoPathStats),
    anywhere("pathStats.topPathMax", Type::int32, "20", "Paths in a report.").no_effect(kNoPathStats),
};

inline constexpr Key kAudit[] = {
    anywhere("audit.enable", Type::boolean, "false", "Logs who changed what, in quoll.audit.file."),
    anywhere("audit.impl.class", Type::java_class, "org.apache.zookeeper.audit.Slf4jAuditLogger",
             "Java class that writes the audit log. Others than the default prevent the start with audit.enable=true."),
    anywhere("quoll.audit.file", Type::path, "zookeeper_audit.log", "File of the audit log. SIGHUP opens it anew."),
};

inline constexpr Key kJvm[] = {
    in_file("jvm.pause.monitor", Type::boolean, "false", "Watches for pauses of the Java machine.").no_effect(kNoJvm),
    in_file("jvm.pause.info-threshold.ms", Type::int64, "1000", "Pause that is logged.").in("ms").no_effect(kNoJvm),
    in_file("jvm.pause.warn-threshold.ms", Type::int64, "10000", "Pause that is logged as a warning.")
        .in("ms")
        .no_effect(kNoJvm),
    in_file("jvm.pause.sleep.time.ms", Type::int64, "500", "Time between two checks.").in("ms").no_effect(kNoJvm),
    anywhere("jmx.log4j.disable", Type::boolean, "false", "Keeps log4j out of JMX.").no_effect(kNoJvm),
    anywhere("jmx.log4j.mbean", Type::text, "log4j:hierarchy=default", "Name of log4j's bean.").no_effect(kNoJvm),
};

inline constexpr Key kClients[] = {
    anywhere("client.secure", Type::boolean, "false", "The client speaks TLS.").no_effect(kForClients),
    anywhere("clientCnxnSocket", Type::java_class, "org.apache.zookeeper.ClientCnxnSocketNIO",
             "Java class of the client's connection.")
        .no_effect(kForClients),
    anywhere("request.timeout", Type::int64, "0", "How long the client waits for a reply.")
        .in("ms")
        .no_effect(kForClients),
    anywhere("disableAutoWatchReset", Type::boolean, "false", "The client does not set its watches again.")
        .no_effect(kForClients),
    anywhere("sasl.client", Type::boolean, "true", "The client may use SASL.").no_effect(kForClients),
    anywhere("sasl.clientconfig", Type::text, "Client", "Section of the client's JAAS file.").no_effect(kForClients),
    anywhere("sasl.client.username", Type::text, "zookeeper", "First part of the server's principal.")
        .no_effect(kForClients),
    anywhere("sasl.client.canonicalize.hostname", Type::boolean, "true", "The client looks up the server's full name.")
        .no_effect(kForClients),
    anywhere("shuffleDnsResponse", Type::boolean, "false", "The client tries the addresses of a name in random order.")
        .no_effect(kForClients),
    anywhere("hostProvider.dnsSrvRefreshIntervalSeconds", Type::int64, "60",
             "How often the client asks for SRV records.")
        .in("s")
        .no_effect(kForClients),
};

inline constexpr Key kTesting[] = {
    anywhere("testingonly.initialZxid", Type::int64, "", "First zxid of a leader.").else_("none").no_effect(kForTests),
    anywhere("test.allowDiscontinuousProposals", Type::boolean, "false", "Allows gaps between zxids.")
        .no_effect(kForTests),
    anywhere("controllerPort", Type::int32, "", "Port of a server for tests.").else_("none").no_effect(kForTests),
};

}  // namespace quoll::config::table
