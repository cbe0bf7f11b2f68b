// Table rows about other servers. Quoll runs alone for now: keys that would create an ensemble are refused, and keys
// that only tune one have no effect, as in Apache's standalone server.
#pragma once

#include "config/keys_server.h"

namespace quoll::config::table {

inline constexpr std::string_view kAlone = "it concerns ensembles only, and this server runs alone";
inline constexpr std::string_view kNoEnsemble =
    "Quoll does not offer ensembles yet: run it as one server, or keep Apache's servers";
inline constexpr std::string_view kNoQuorumTls = "it concerns TLS between servers only, and this server runs alone";

inline constexpr Key kEnsemble[] = {
    in_file("server.", Type::text, "",
            "One server of the ensemble: host:quorumPort:electionPort[:role][;[host:]clientPort]. One line alone means "
            "one server, as for Apache. Its client port counts if dataDir/myid has its number, or if there is no "
            "clientPort.")
        .each()
        .else_("none")
        .refused(kNoEnsemble),
    in_file("group.", Type::text, "", "Servers of a group, for hierarchical quorums.")
        .each()
        .else_("none")
        .no_effect(kAlone),
    in_file("weight.", Type::text, "", "Votes of a server, for hierarchical quorums.")
        .each()
        .else_("1")
        .no_effect(kAlone),
    in_file("initLimit", Type::int32, "", "Time a follower has to connect and to catch up.")
        .in("ticks")
        .else_("none")
        .no_effect(kAlone),
    in_file("syncLimit", Type::int32, "", "Time a follower may lag behind.")
        .in("ticks")
        .else_("none")
        .no_effect(kAlone),
    in_file("connectToLearnerMasterLimit", Type::int32, "0", "Time a follower has to connect alone; 0: initLimit.")
        .in("ticks")
        .no_effect(kAlone),
    in_file("electionAlg", Type::int32, "3", "Election algorithm; 3 is the only one left.").between(3, 3),
    in_file("peerType", Type::text, "participant", "Whether this server votes.")
        .one_of("participant observer")
        .no_effect(kAlone),
    in_file("quorumListenOnAllIPs", Type::boolean, "false", "Listens to other servers on every address.")
        .no_effect(kAlone),
    in_file("observerMasterPort", Type::int32, "0", "Port for observers on a follower.").no_effect(kAlone),
    in_file("syncEnabled", Type::boolean, "true", "An observer keeps a log and snapshots.").no_effect(kAlone),
    in_file("oraclePath", Type::path, "", "File that decides when one of two servers is left.")
        .else_("none")
        .no_effect(kAlone),
    in_file("version", Type::text, "", "Version of the list of servers, in hexadecimal.").else_("0").no_effect(kAlone),
    in_file("localSessionsEnabled", Type::boolean, "false", "Sessions that only one server knows.").no_effect(kAlone),
    in_file("localSessionsUpgradingEnabled", Type::boolean, "false",
            "Makes a local session global when it needs to be.")
        .no_effect(kAlone),
    anywhere("leaderServes", Type::yes_no, "yes", "The leader serves clients too.").only_by("no").no_effect(kAlone),
};

inline constexpr Key kReconfig[] = {
    in_file("dynamicConfigFile", Type::path, "",
            "File with the server lines; then none may stand in zoo.cfg itself. One line means one server.")
        .else_("none"),
    in_file("reconfigEnabled", Type::boolean, "false",
            "Allows the request reconfig; alone it then answers -6 in place of -123."),
    in_file(
        "standaloneEnabled", Type::boolean, "true",
        "A single server runs without elections; false makes it an ensemble of one, for which initLimit, syncLimit, "
        "dataDir/myid and a server line must be there. To clients both are the same."),
    anywhere("multiAddress.enabled", Type::boolean, "false", "Allows several addresses in a server line.")
        .no_effect(kAlone),
    anywhere("multiAddress.reachabilityCheckEnabled", Type::boolean, "true", "Tries which address answers.")
        .no_effect(kAlone),
    anywhere("multiAddress.reachabilityCheckTimeoutMs", Type::int32, "1000", "How long to try.")
        .in("ms")
        .no_effect(kAlone),
    by_flag("readonlymode.enabled", Type::boolean, "false",
            "Serves reads without a quorum. Alone it only adds isro to the four-letter words that are answered.")
        .only_by("true"),
};

inline constexpr Key kElection[] = {
    anywhere("fastleader.minNotificationInterval", Type::int32, "200", "Shortest wait for votes.")
        .in("ms")
        .no_effect(kAlone),
    anywhere("fastleader.maxNotificationInterval", Type::int32, "60000", "Longest wait for votes.")
        .in("ms")
        .no_effect(kAlone),
    anywhere("cnxTimeout", Type::int32, "5000", "Time to connect for an election.").in("ms").no_effect(kAlone),
    anywhere("quorumCnxnTimeoutMs", Type::int32, "-1", "Time to wait for bytes of an election; -1: by initLimit.")
        .in("ms")
        .no_effect(kAlone),
    anywhere("electionPortBindRetry", Type::int32, "3", "Attempts to bind the election port; 0: for ever.")
        .no_effect(kAlone),
    anywhere("tcpKeepAlive", Type::boolean, "false", "TCP keep-alive between servers.").no_effect(kAlone),
    anywhere("leader.ackLoggingFrequency", Type::int32, "1000", "Every how many acknowledgements one is logged.")
        .no_effect(kAlone),
    anywhere("leader.maxTimeToWaitForEpoch", Type::int32, "-1", "Time a leader waits for its followers.")
        .in("ms")
        .no_effect(kAlone),
    anywhere("leader.maxConcurrentSnapSyncs", Type::int32, "10", "Followers that get a snapshot at the same time.")
        .no_effect(kAlone),
    anywhere("leader.maxConcurrentDiffSyncs", Type::int32, "100", "Followers that get a difference at the same time.")
        .no_effect(kAlone),
    anywhere("leader.closeSocketAsync", Type::boolean, "false", "The leader closes connections in another thread.")
        .no_effect(kAlone),
    anywhere("learner.closeSocketAsync", Type::boolean, "false", "A follower closes its connection in another thread.")
        .no_effect(kAlone),
    anywhere("learner.asyncSending", Type::boolean, "false", "A follower sends in another thread.").no_effect(kAlone),
    anywhere("leaderConnectDelayDuringRetryMs", Type::int32, "100", "Wait between attempts to reach the leader.")
        .in("ms")
        .no_effect(kAlone),
    by_flag("leader.nodelay", Type::boolean, "true", "TCP_NODELAY on the leader's side.").no_effect(kAlone),
    by_flag("follower.nodelay", Type::boolean, "true", "TCP_NODELAY on the follower's side.").no_effect(kAlone),
    anywhere("messageTracker.BufferSize", Type::int32, "10", "Messages that are kept for the log.").no_effect(kAlone),
    anywhere("messageTracker.Enabled", Type::boolean, "false", "Keeps the latest messages for the log.")
        .no_effect(kAlone),
    anywhere("observer.syncEnabled", Type::boolean, "true", "An observer keeps a log and snapshots.").no_effect(kAlone),
    anywhere("observer.reconnectDelayMs", Type::int64, "0", "Wait of an observer before it connects again.")
        .in("ms")
        .no_effect(kAlone),
    anywhere("observer.election.DelayMs", Type::int64, "200", "Wait of an observer before it joins an election.")
        .in("ms")
        .no_effect(kAlone),
    anywhere("observerMaster.sizeLimit", Type::int32, "33554432",
             "Memory for proposals that observers have yet to get.")
        .in("bytes")
        .no_effect(kAlone),
};

inline constexpr Key kQuorumSecurity[] = {
    in_file("sslQuorum", Type::boolean, "false", "TLS between servers.").no_effect(kAlone),
    in_file("portUnification", Type::boolean, "false", "Servers accept TLS and plain text from each other.")
        .no_effect(kAlone),
    in_file("sslQuorumReloadCertFiles", Type::boolean, "false", "Reloads the stores when their files change.")
        .no_effect(kNoQuorumTls),
    in_file("quorum.auth.enableSasl", Type::boolean, "false", "SASL between servers.").no_effect(kAlone),
    in_file("quorum.auth.serverRequireSasl", Type::boolean, "false",
            "Refuses servers without SASL; needs the other two.")
        .no_effect(kAlone),
    in_file("quorum.auth.learnerRequireSasl", Type::boolean, "false",
            "Connects with SASL alone; needs quorum.auth.enableSasl.")
        .no_effect(kAlone),
    in_file("quorum.auth.learner.saslLoginContext", Type::text, "QuorumLearner",
            "Section of the JAAS file for connecting.")
        .no_effect(kAlone),
    in_file("quorum.auth.server.saslLoginContext", Type::text, "QuorumServer",
            "Section of the JAAS file for accepting.")
        .no_effect(kAlone),
    in_file("quorum.auth.kerberos.servicePrincipal", Type::text, "zkquorum/localhost", "Principal of the servers.")
        .no_effect(kAlone),
    in_file("quorum.cnxn.threads.size", Type::int32, "20", "Threads for SASL between servers.").no_effect(kAlone),
    anywhere("ssl.quorum.keyStore.location", Type::path, "", "As ssl.keyStore.location.")
        .else_("none")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.keyStore.password", Type::secret, "", "As ssl.keyStore.password.")
        .else_("none")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.keyStore.passwordPath", Type::path, "", "As ssl.keyStore.passwordPath.")
        .else_("none")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.keyStore.type", Type::text, "", "As ssl.keyStore.type.")
        .else_("by the ending")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.trustStore.location", Type::path, "", "As ssl.trustStore.location.")
        .else_("none")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.trustStore.password", Type::secret, "", "As ssl.trustStore.password.")
        .else_("none")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.trustStore.passwordPath", Type::path, "", "As ssl.trustStore.passwordPath.")
        .else_("none")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.trustStore.type", Type::text, "", "As ssl.trustStore.type.")
        .else_("by the ending")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.protocol", Type::text, "TLSv1.3", "As ssl.protocol.").no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.enabledProtocols", Type::list, "", "As ssl.enabledProtocols.")
        .else_("by ssl.quorum.protocol")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.ciphersuites", Type::list, "", "As ssl.ciphersuites.")
        .else_("as ssl.ciphersuites")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.clientAuth", Type::text, "need", "As ssl.clientAuth.").no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.hostnameVerification", Type::boolean, "true", "As ssl.hostnameVerification.")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.clientHostnameVerification", Type::boolean, "true", "As ssl.clientHostnameVerification.")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.allowReverseDnsLookup", Type::boolean, "true", "As ssl.allowReverseDnsLookup.")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.crl", Type::boolean, "false", "As ssl.crl.").no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.ocsp", Type::boolean, "false", "As ssl.ocsp.").no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.handshakeDetectionTimeoutMillis", Type::int32, "5000",
             "As ssl.handshakeDetectionTimeoutMillis.")
        .in("ms")
        .no_effect(kNoQuorumTls),
    anywhere("ssl.quorum.context.supplier.class", Type::java_class, "", "As ssl.context.supplier.class.")
        .else_("none")
        .no_effect(kNoQuorumTls),
};

}  // namespace quoll::config::table
