// Table rows about identity and permissions: authentication, SASL, TLS on the client port.
#pragma once

#include "config/keys_server.h"

namespace quoll::config::table {

inline constexpr std::string_view kNoKerberosLogin =
    "it counts with a Kerberos login only, that is with Krb5LoginModule in the JAAS file, which Quoll does not offer "
    "yet";

inline constexpr std::string_view kNoRevocation =
    "Quoll does not check for revoked certificates yet: use certificates of short life, and set it to false";

inline constexpr Key kAuth[] = {
    anywhere("authProvider.", Type::java_class, "",
             "Adds an authentication provider; N is any text. Quoll has built-in ones under Apache's class names "
             "(SASL, X509, Digest, IP, Ensemble and Key AuthenticationProvider of org.apache.zookeeper.server.auth). "
             "Empty, or a class of that package that Apache does not have: no effect, as in Apache. Other classes are "
             "refused.")
        .each()
        .else_("ip and digest; x509 with secureClientPort"),
    anywhere("DigestAuthenticationProvider.enabled", Type::boolean, "true", "Offers the digest scheme."),
    anywhere("DigestAuthenticationProvider.superDigest", Type::secret, "",
             "user:digest of the superuser, to whom no ACL applies.")
        .else_("no superuser"),
    anywhere("DigestAuthenticationProvider.digestAlg", Type::text, "SHA1",
             "Hash of the digest scheme. Changing it makes stored ACLs useless.")
        .one_of("SHA1 SHA-1 SHA SHA-224 SHA-256 SHA-384 SHA-512 SHA3-224 SHA3-256 SHA3-384 SHA3-512 MD5"),
    anywhere("X509AuthenticationProvider.superUser", Type::text, "",
             "Subject of the client certificate that is superuser.")
        .else_("no superuser"),
    anywhere("superUser", Type::text, "", "SASL id that is superuser.").else_("no superuser"),
    anywhere("superUser.", Type::text, "", "One more SASL id that is superuser; N is any text.")
        .each()
        .else_("no superuser"),
    anywhere("IPAuthenticationProvider.usexforwardedfor", Type::boolean, "false",
             "Takes the address of an HTTP request from X-Forwarded-For.")
        .no_effect("it concerns the HTTP admin server only"),
    anywhere("ensembleAuthName", Type::list, "", "Ensemble names that a client may expect, for the ensemble scheme.")
        .else_("any"),
    anywhere("enforce.auth.enabled", Type::boolean, "false",
             "Refuses clients that have not authenticated with one of enforce.auth.schemes."),
    anywhere("enforce.auth.schemes", Type::list, "", "Schemes of which a client must have used one.").else_("none"),
    anywhere("sessionRequireClientSASLAuth", Type::boolean, "false",
             "Older form of enforce.auth.enabled with the scheme sasl."),
    anywhere("skipACL", Type::yes_no, "no", "With yes, no ACL is checked: anyone may do anything.").only_by("yes"),
    anywhere("enableEagerACLCheck", Type::boolean, "false", "Checks ACLs of a write before it travels to the leader.")
        .no_effect("a server alone is its own leader"),
};

inline constexpr Key kSasl[] = {
    by_flag("java.security.auth.login.config", Type::path, "", "JAAS file with the server's section and its users.")
        .else_("none: no SASL"),
    anywhere("sasl.serverconfig", Type::text, "Server", "Name of the section in the JAAS file."),
    anywhere("SASLAuthenticationProvider.superPassword", Type::secret, "",
             "Password of the DIGEST-MD5 user super, who is superuser.")
        .else_("no such user"),
    anywhere("allowSaslFailedClients", Type::boolean, "false",
             "Keeps a connection whose SASL exchange failed, without its identity."),
    anywhere("letAnySaslUserDoX", Type::text, "", "ACL id that any SASL user matches.").else_("none"),
    anywhere("fips-mode", Type::boolean, "true", "Holds clients to FIPS: no DIGEST-MD5.")
        .no_effect(
            "it changes what clients offer; Apache's server, too, takes DIGEST-MD5 in either mode. Between servers "
            "Quoll uses DIGEST-MD5 in either mode; Apache's connect with it only if this is false"),
};

inline constexpr Key kKerberos[] = {
    anywhere("kerberos.removeHostFromPrincipal", Type::boolean, "false",
             "Drops the host from a principal to make the id.")
        .no_effect(kNoKerberosLogin),
    anywhere("kerberos.removeRealmFromPrincipal", Type::boolean, "false",
             "Drops the realm from a principal to make the id.")
        .no_effect(kNoKerberosLogin),
    anywhere("security.auth_to_local", Type::text, "DEFAULT", "Rules that turn principals into ids.")
        .no_effect(kNoKerberosLogin),
    anywhere("requireKerberosConfig", Type::boolean, "false", "Refuses to start without a Kerberos configuration.")
        .no_effect(kNoKerberosLogin),
    anywhere("kerberos.canonicalizeHostNames", Type::boolean, "false",
             "Looks up the full name of a host in server lines.")
        .no_effect("it concerns Kerberos between servers only"),
    anywhere("kerberos.minReLoginTimeMs", Type::int64, "60000", "Shortest time between two Kerberos logins.")
        .in("ms")
        .no_effect(kNoKerberosLogin),
    anywhere("kinit", Type::path, "/usr/bin/kinit", "Program that renews Kerberos tickets.")
        .no_effect(kNoKerberosLogin),
    anywhere("server.principal", Type::text, "", "Principal that clients expect of the server.")
        .else_("none")
        .no_effect("clients read it, not the server"),
    anywhere("server.realm", Type::text, "", "Realm that clients expect of the server.")
        .else_("none")
        .no_effect("clients read it, not the server"),
    by_flag("sun.security.jgss.native", Type::boolean, "false", "Java uses the system's GSS library.")
        .no_effect(kNoJvm),
};

inline constexpr Key kTls[] = {
    anywhere("ssl.keyStore.location", Type::path, "",
             "File with the server's key and certificates; secureClientPort needs it.")
        .else_("none"),
    anywhere("ssl.keyStore.password", Type::secret, "", "Password of the key store.").else_("none"),
    anywhere("ssl.keyStore.passwordPath", Type::path, "",
             "File with the password of the key store; it takes precedence over ssl.keyStore.password.")
        .else_("none"),
    anywhere("ssl.keyStore.type", Type::text, "", "Format of the key store.")
        .one_of("JKS PEM PKCS12")
        .else_("by the ending .jks, .pem or .p12"),
    anywhere("ssl.trustStore.location", Type::path, "",
             "File with the certificates of authorities that clients' certificates must come from.")
        .else_("none"),
    anywhere("ssl.trustStore.password", Type::secret, "", "Password of the trust store.").else_("none"),
    anywhere("ssl.trustStore.passwordPath", Type::path, "",
             "File with the password of the trust store; it takes precedence over ssl.trustStore.password.")
        .else_("none"),
    anywhere("ssl.trustStore.type", Type::text, "", "Format of the trust store.")
        .one_of("JKS PEM PKCS12")
        .else_("by the ending .jks, .pem or .p12"),
    anywhere("ssl.protocol", Type::text, "", "The protocol that is spoken, and no other; TLS stands for 1.3 and 1.2.")
        .one_of("TLS TLSv1 TLSv1.1 TLSv1.2 TLSv1.3")
        .else_("TLSv1.3 and TLSv1.2"),
    anywhere("ssl.enabledProtocols", Type::list, "", "Protocols that are spoken.")
        .one_of("TLSv1 TLSv1.1 TLSv1.2 TLSv1.3")
        .else_("ssl.protocol"),
    anywhere("ssl.ciphersuites", Type::list, "", "Cipher suites, by Java's names.")
        .else_("AES-GCM with ECDHE, and the suites of TLS 1.3"),
    anywhere("ssl.clientAuth", Type::text, "need",
             "Whether a client must (need), may (want) or need not (none) show a certificate.")
        .one_of("need want none"),
    anywhere(
        "ssl.hostnameVerification", Type::boolean, "true",
        "Checks the name in a server's certificate; on the client port it only allows ssl.clientHostnameVerification."),
    anywhere("ssl.clientHostnameVerification", Type::boolean, "false",
             "Checks that a client's certificate names the host it comes from."),
    anywhere("ssl.allowReverseDnsLookup", Type::boolean, "false",
             "Allows asking the DNS for the name of a client's address.")
        .warned("Quoll checks a client's certificate against its address alone, which is stricter"),
    anywhere("ssl.crl", Type::boolean, "false", "Checks certificates against revocation lists.").refused(kNoRevocation),
    anywhere("ssl.ocsp", Type::boolean, "false", "Asks authorities whether certificates are revoked.")
        .refused(kNoRevocation),
    anywhere("ssl.handshakeDetectionTimeoutMillis", Type::int32, "5000",
             "How long to wait for the first bytes that tell TLS from plain text.")
        .in("ms")
        .in_decimal()
        .strict()
        .preset_below(1),
    anywhere("ssl.authProvider", Type::text, "x509", "Scheme that a client's certificate authenticates for."),
    anywhere("ssl.context.supplier.class", Type::java_class, "", "Java class that makes TLS contexts.")
        .else_("none")
        .refused("give the stores by ssl.keyStore.* and ssl.trustStore.*"),
    anywhere("ssl.sslProvider", Type::text, "JDK", "Library that speaks TLS in Apache's server.")
        .one_of("JDK OPENSSL OPENSSL_REFCNT")
        .no_effect("Quoll always uses OpenSSL"),
    anywhere("client.portUnification", Type::boolean, "false",
             "Lets clientPort serve TLS beside plain text. secureClientPort always takes TLS alone."),
    anywhere("client.certReload", Type::boolean, "false", "Reloads the stores when their files change."),
    anywhere("netty.server.outstandingHandshake.limit", Type::int32, "-1",
             "TLS handshakes in progress; a further one is refused. 0 or less: no limit."),
    anywhere("netty.server.earlyDropSecureConnectionHandshakes", Type::boolean, "false",
             "Drops TLS connections before the handshake while the server does not serve.")
        .no_effect("the port opens when the server serves"),
    by_flag("jdk.tls.rejectClientInitiatedRenegotiation", Type::boolean, "true",
            "Java refuses renegotiation that a client asks for.")
        .no_effect("Quoll always refuses it"),
};

}  // namespace quoll::config::table
