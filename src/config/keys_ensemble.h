// Table rows about other servers. Most count in an ensemble only: a server that runs alone says that they have no
// effect, as they have none in Apache's standalone server.
#pragma once

#include "config/keys_security.h"
#include "config/keys_server.h"

namespace quoll::config::table {

inline constexpr std::string_view kNoBlocking = "one event loop reads and writes all connections without blocking";
inline constexpr std::string_view kGlobalSessions = "Every session is known to all servers";

inline constexpr Key kEnsemble[] = {
    in_file("server.", Type::text, "",
            "One server of the ensemble: host:quorumPort:electionPort[:role][;[host:]clientPort]. dataDir/myid says "
            "which of the lines is this server's. One line alone means a server that runs alone, as for Apache; then "
            "its client port counts if dataDir/myid has its number, or if there is no clientPort.")
        .each()
        .else_("none"),
    in_file("group.", Type::text, "", "Servers of a group, for hierarchical quorums.")
        .each()
        .else_("none")
        .in_ensembles(),
    in_file("weight.", Type::text, "", "Votes of a server, for hierarchical quorums.").each().else_("1").in_ensembles(),
    in_file("initLimit", Type::int32, "", "Time a learner has to connect and to catch up. An ensemble needs it.")
        .in("ticks")
        .else_("none")
        .in_ensembles(),
    in_file("syncLimit", Type::int32, "", "Time a learner may lag behind. An ensemble needs it.")
        .in("ticks")
        .else_("none")
        .in_ensembles(),
    in_file("connectToLearnerMasterLimit", Type::int32, "0", "Time a learner has to connect alone; 0: initLimit.")
        .in("ticks")
        .in_ensembles()
        .warned("A learner has initLimit for it"),
    in_file("electionAlg", Type::int32, "3", "Election algorithm; 3 is the only one left.").between(3, 3),
    in_file("peerType", Type::text, "participant",
            "Whether this server votes. Where it differs from the server line, the line counts, with a warning.")
        .one_of("participant observer")
        .in_ensembles(),
    in_file("quorumListenOnAllIPs", Type::boolean, "false", "Listens to other servers on every address.")
        .in_ensembles(),
    in_file("observerMasterPort", Type::int32, "0", "Port for observers on a follower.")
        .in_ensembles()
        .warned("Observers connect to the leader"),
    in_file("syncEnabled", Type::boolean, "true", "An observer keeps a log and snapshots.")
        .in_ensembles()
        .warned("An observer always keeps them"),
    in_file("oraclePath", Type::path, "", "File that decides when one of two servers is left.")
        .else_("none")
        .in_ensembles()
        .warned("Two servers serve only while both are up"),
    in_file("version", Type::text, "", "Version of the list of servers, in hexadecimal.").else_("0").in_ensembles(),
    in_file("localSessionsEnabled", Type::boolean, "false", "Sessions that only one server knows.")
        .in_ensembles()
        .warned(kGlobalSessions),
    in_file("localSessionsUpgradingEnabled", Type::boolean, "false",
            "Makes a local session global when it needs to be.")
        .in_ensembles()
        .no_effect("every session is known to all servers"),
    anywhere("leaderServes", Type::yes_no, "yes", "The leader serves clients too.").only_by("no").in_ensembles(),
};

inline constexpr Key kReconfig[] = {
    in_file("dynamicConfigFile", Type::path, "",
            "File with the server lines; then none may stand in zoo.cfg itself. Its version is the suffix of its name.")
        .else_("none"),
    in_file("reconfigEnabled", Type::boolean, "false",
            "Allows the request reconfig. Alone it then answers -6 in place of -123; an ensemble refuses it too, so "
            "far."),
    in_file("standaloneEnabled", Type::boolean, "true",
            "A single server runs without elections; false makes it an ensemble of one, for which initLimit, "
            "syncLimit, dataDir/myid and a server line must be there."),
    anywhere("multiAddress.enabled", Type::boolean, "false",
             "Allows several addresses in a server line. The first is tried first, the others when it fails.")
        .in_ensembles(),
    anywhere("multiAddress.reachabilityCheckEnabled", Type::boolean, "true", "Tries which address answers.")
        .in_ensembles()
        .no_effect("an address is tried by connecting to it"),
    anywhere("multiAddress.reachabilityCheckTimeoutMs", Type::int32, "1000", "How long to try.")
        .in("ms")
        .in_ensembles()
        .no_effect("an address is tried by connecting to it"),
    by_flag("readonlymode.enabled", Type::boolean, "false",
            "Serves reads without a quorum: not offered by an ensemble yet. Alone it only adds isro to the four-letter "
            "words that are answered, and so it does in an ensemble.")
        .only_by("true"),
};

inline constexpr Key kElection[] = {
    anywhere("fastleader.minNotificationInterval", Type::int32, "200", "Shortest wait for votes.")
        .in("ms")
        .kept_in(1)
        .in_ensembles(),
    anywhere("fastleader.maxNotificationInterval", Type::int32, "60000", "Longest wait for votes.")
        .in("ms")
        .kept_in(1)
        .in_ensembles(),
    anywhere("cnxTimeout", Type::int32, "5000", "Time to connect to another server.")
        .in("ms")
        .kept_in(1)
        .strict()
        .in_decimal()
        .in_ensembles(),
    anywhere("quorumCnxnTimeoutMs", Type::int32, "-1", "Time to wait for bytes of an election; -1: by syncLimit.")
        .in("ms")
        .in_ensembles()
        .no_effect("a silent connection holds up nothing"),
    anywhere("electionPortBindRetry", Type::int32, "3", "Attempts to bind the election port; 0: for ever.")
        .in_ensembles()
        .warned("A port that is in use ends the start at once, with a message"),
    anywhere("tcpKeepAlive", Type::boolean, "false", "TCP keep-alive between servers.")
        .in_ensembles()
        .no_effect("it is always on"),
    anywhere("leader.ackLoggingFrequency", Type::int32, "1000", "Every how many acknowledgements one is logged.")
        .in_ensembles()
        .no_effect("no acknowledgement is logged"),
    anywhere("leader.maxTimeToWaitForEpoch", Type::int32, "-1", "Time a leader waits for its followers.")
        .in("ms")
        .in_ensembles()
        .warned("A leader waits for initLimit"),
    anywhere("leader.maxConcurrentSnapSyncs", Type::int32, "10", "Followers that get a snapshot at the same time.")
        .in_ensembles()
        .no_effect("there is no limit of it"),
    anywhere("leader.maxConcurrentDiffSyncs", Type::int32, "100", "Followers that get a difference at the same time.")
        .in_ensembles()
        .no_effect("there is no limit of it"),
    anywhere("leader.closeSocketAsync", Type::boolean, "false", "The leader closes connections in another thread.")
        .in_ensembles()
        .no_effect(kNoBlocking),
    anywhere("learner.closeSocketAsync", Type::boolean, "false", "A follower closes its connection in another thread.")
        .in_ensembles()
        .no_effect(kNoBlocking),
    anywhere("learner.asyncSending", Type::boolean, "false", "A follower sends in another thread.")
        .in_ensembles()
        .no_effect(kNoBlocking),
    anywhere("leaderConnectDelayDuringRetryMs", Type::int32, "100", "Wait between attempts to reach the leader.")
        .in("ms")
        .in_ensembles()
        .no_effect("the wait between attempts is fixed"),
    by_flag("leader.nodelay", Type::boolean, "true", "TCP_NODELAY on the leader's side.")
        .in_ensembles()
        .no_effect("it is always on"),
    by_flag("follower.nodelay", Type::boolean, "true", "TCP_NODELAY on the follower's side.")
        .in_ensembles()
        .no_effect("it is always on"),
    anywhere("messageTracker.BufferSize", Type::int32, "10", "Messages that are kept for the log.")
        .in_ensembles()
        .no_effect("no messages are kept"),
    anywhere("messageTracker.Enabled", Type::boolean, "false", "Keeps the latest messages for the log.")
        .in_ensembles()
        .no_effect("no messages are kept"),
    anywhere("observer.syncEnabled", Type::boolean, "true",
             "An observer keeps a log and snapshots. It goes before syncEnabled.")
        .in_ensembles()
        .warned("An observer always keeps them"),
    anywhere("observer.reconnectDelayMs", Type::int64, "0", "Wait of an observer before it connects again.")
        .in("ms")
        .in_ensembles()
        .warned("An observer waits as a follower does"),
    anywhere("observer.election.DelayMs", Type::int64, "200", "Wait of an observer before it joins an election.")
        .in("ms")
        .in_ensembles()
        .warned("An observer joins at once"),
    anywhere("observerMaster.sizeLimit", Type::int32, "33554432",
             "Memory for proposals that observers have yet to get.")
        .in("bytes")
        .in_ensembles()
        .no_effect("observers connect to the leader"),
};

inline constexpr Key kQuorumSecurity[] = {
    in_file("sslQuorum", Type::boolean, "false",
            "TLS between servers, with ssl.quorum.keyStore.location and ssl.quorum.trustStore.location.")
        .in_ensembles(),
    in_file("portUnification", Type::boolean, "false",
            "The quorum and election ports take plain text beside TLS, to change an ensemble server by server: first "
            "this, then sslQuorum, then without this.")
        .in_ensembles(),
    in_file("sslQuorumReloadCertFiles", Type::boolean, "false",
            "Reads the stores between servers again when they change.")
        .in_ensembles(),
    in_file("quorum.auth.enableSasl", Type::boolean, "false",
            "SASL between servers, by DIGEST-MD5, with the sections of the JAAS file (java.security.auth.login.config) "
            "that the next keys name. Alone it lets servers with and without SASL connect.")
        .in_ensembles(),
    in_file("quorum.auth.learnerRequireSasl", Type::boolean, "false",
            "Connects to other servers with SASL alone; needs quorum.auth.enableSasl.")
        .in_ensembles(),
    in_file("quorum.auth.serverRequireSasl", Type::boolean, "false",
            "Refuses servers without SASL; needs the other two.")
        .in_ensembles(),
    in_file("quorum.auth.learner.saslLoginContext", Type::text, "QuorumLearner",
            "Section of the JAAS file with the username and password that this server connects with.")
        .in_ensembles(),
    in_file("quorum.auth.server.saslLoginContext", Type::text, "QuorumServer",
            "Section of the JAAS file with the users (user_NAME) that may connect to this server.")
        .in_ensembles(),
    in_file("quorum.auth.kerberos.servicePrincipal", Type::text, "zkquorum/localhost", "Principal of the servers.")
        .no_effect("there is no Kerberos between servers"),
    in_file("quorum.cnxn.threads.size", Type::int32, "20", "Threads for connections with SASL between servers.")
        .no_effect("one event loop serves all connections without blocking"),
    anywhere("ssl.quorum.keyStore.location", Type::path, "",
             "File with the key and certificates that this server shows to other servers; sslQuorum needs it.")
        .else_("none")
        .in_ensembles(),
    anywhere("ssl.quorum.keyStore.password", Type::secret, "", "Password of that key store.")
        .else_("none")
        .in_ensembles(),
    anywhere("ssl.quorum.keyStore.passwordPath", Type::path, "",
             "File with that password; it takes precedence over ssl.quorum.keyStore.password.")
        .else_("none")
        .in_ensembles(),
    anywhere("ssl.quorum.keyStore.type", Type::text, "", "Format of that key store.")
        .one_of("JKS PEM PKCS12")
        .else_("by the ending .jks, .pem or .p12")
        .in_ensembles(),
    anywhere("ssl.quorum.trustStore.location", Type::path, "",
             "File with the certificates of authorities that other servers' certificates must come from.")
        .else_("none")
        .in_ensembles(),
    anywhere("ssl.quorum.trustStore.password", Type::secret, "", "Password of that trust store.")
        .else_("none")
        .in_ensembles(),
    anywhere("ssl.quorum.trustStore.passwordPath", Type::path, "",
             "File with that password; it takes precedence over ssl.quorum.trustStore.password.")
        .else_("none")
        .in_ensembles(),
    anywhere("ssl.quorum.trustStore.type", Type::text, "", "Format of that trust store.")
        .one_of("JKS PEM PKCS12")
        .else_("by the ending .jks, .pem or .p12")
        .in_ensembles(),
    anywhere("ssl.quorum.protocol", Type::text, "",
             "The protocol that servers speak with each other, and no other; TLS stands for 1.3 and 1.2.")
        .one_of("TLS TLSv1 TLSv1.1 TLSv1.2 TLSv1.3")
        .else_("TLSv1.3 and TLSv1.2")
        .in_ensembles(),
    anywhere("ssl.quorum.enabledProtocols", Type::list, "", "Protocols that servers speak with each other.")
        .one_of("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3")
        .else_("ssl.quorum.protocol")
        .in_ensembles(),
    anywhere("ssl.quorum.ciphersuites", Type::list, "", "Cipher suites between servers, by Java's names.")
        .else_("AES-GCM with ECDHE, and the suites of TLS 1.3")
        .in_ensembles(),
    anywhere("ssl.quorum.clientAuth", Type::text, "need",
             "Whether a server that connects must (need), may (want) or need not (none) show a certificate.")
        .one_of("need want none")
        .in_ensembles(),
    anywhere("ssl.quorum.hostnameVerification", Type::boolean, "true",
             "Checks that the certificate of a server names the host that was connected to; false also ends "
             "ssl.quorum.clientHostnameVerification.")
        .in_ensembles(),
    anywhere("ssl.quorum.clientHostnameVerification", Type::boolean, "true",
             "Checks that the certificate of a server that connects names the address that it comes from, or the host "
             "of a server line.")
        .in_ensembles(),
    anywhere("ssl.quorum.allowReverseDnsLookup", Type::boolean, "true",
             "Allows asking the DNS for the name of an address.")
        .in_ensembles()
        .no_effect("the names in the server lines are known without the DNS"),
    anywhere("ssl.quorum.crl", Type::boolean, "false", "Checks certificates of servers against revocation lists.")
        .in_ensembles()
        .refused(kNoRevocation),
    anywhere("ssl.quorum.ocsp", Type::boolean, "false", "Asks authorities whether certificates of servers are revoked.")
        .in_ensembles()
        .refused(kNoRevocation),
    anywhere("ssl.quorum.handshakeDetectionTimeoutMillis", Type::int32, "5000",
             "How long to wait for the first bytes that tell TLS from plain text.")
        .in("ms")
        .in_decimal()
        .strict()
        .preset_below(1)
        .in_ensembles(),
    anywhere("ssl.quorum.context.supplier.class", Type::java_class, "", "Java class that makes TLS contexts.")
        .else_("none")
        .in_ensembles()
        .refused("give the stores by ssl.quorum.keyStore.* and ssl.quorum.trustStore.*"),
};

}  // namespace quoll::config::table
