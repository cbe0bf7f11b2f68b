"""Configurations like those in public files, which Apache's server accepts or refuses for reasons that are easy to overlook.

Each case is a whole zoo.cfg. `{dir}` is a folder of its own, `{port}` a free port. `like_apache` is false for the few cases whose outcome
differs on purpose; docs/deviations.md has the reason.
"""

from dataclasses import dataclass, field


@dataclass
class Case:
    name: str
    lines: str
    flags: list[str] = field(default_factory=list)
    files: dict[str, str | bytes] = field(default_factory=dict)  # created below {dir} before the start
    bytes_before: bytes = b""
    base: bool = True  # BASE comes before the lines
    serves: bool = True  # what Apache's server does
    like_apache: bool = True
    slice: bool = False  # CI runs it


BASE = """tickTime=2000
dataDir={dir}/data
clientPort={port}
admin.enableServer=false
4lw.commands.whitelist=*
"""

MYID = {"data/myid": "1\n"}
ONE = "initLimit=10\nsyncLimit=5\n"

THREE = "server.1=127.0.0.1:{peer1}:{peer2}\nserver.2=127.0.0.1:2:3\nserver.3=127.0.0.1:4:5\n"

CASES = [
    # Keys for ensembles, on a standalone server.
    Case("sslQuorum", "sslQuorum=true", slice=True),
    Case("quorum_sasl", "quorum.auth.enableSasl=true\nquorum.auth.learnerRequireSasl=true\nquorum.auth.serverRequireSasl=true\n"
                        "quorum.cnxn.threads.size=20\nquorum.auth.kerberos.servicePrincipal=zk/_HOST"),
    Case("quorum_sasl_server_alone", "quorum.auth.serverRequireSasl=true", serves=False),
    Case("quorum_sasl_without_learner", "quorum.auth.enableSasl=true\nquorum.auth.serverRequireSasl=true", serves=False),
    Case("observer", "peerType=observer", slice=True),
    Case("peer_type_unknown", "peerType=leader", serves=False),
    Case("peer_type_empty", "peerType=", serves=False),
    Case("group_and_weight", "group.1=1:2:3\nweight.1=1\nweight.2=1\nweight.3=1"),
    Case("group_without_weight", "group.1=1:2:3", serves=False, like_apache=False),  # Apache's server ends with an unintended exception
    Case("group_malformed", "group.1=1:two", serves=False),
    Case("weight_empty", "weight.1=", serves=False),
    Case("one_server_without_group", "group.1=2\nserver.1=127.0.0.1:{peer1}:{peer2}", serves=False),
    Case("version_not_hexadecimal", "version=xyz", serves=False),
    Case("kerberos_without_login", "kerberos.removeHostFromPrincipal=true\nkerberos.removeRealmFromPrincipal=true\n"
                                   "security.auth_to_local=RULE:[1:$1]"),
    Case("local_sessions_yes", "localSessionsEnabled=yes", serves=False),
    Case("initLimit_with_comment", "initLimit=10 # ticks", serves=False),
    Case("electionAlg_1", "electionAlg=1", serves=False),
    # One server line.
    Case("one_server", ONE + "server.1=127.0.0.1:{peer1}:{peer2}", slice=True),
    Case("one_server_with_another_port", ONE + "server.1=127.0.0.1:{peer1}:{peer2};{other}", slice=True),
    Case("own_server_with_another_port", ONE + "server.1=127.0.0.1:{peer1}:{peer2};{other}", files=MYID, serves=False, slice=True),
    Case("own_server_with_its_port", ONE + "server.1=127.0.0.1:{peer1}:{peer2};{port}", files=MYID),
    Case("one_observer", ONE + "server.1=127.0.0.1:{peer1}:{peer2}:observer", serves=False),
    Case("server_line_too_short", "server.1=127.0.0.1:{peer1}", serves=False),
    Case("server_line_without_number", "server.one=127.0.0.1:{peer1}:{peer2}", serves=False),
    # myid, which standalone servers read, too.
    Case("myid", "", files=MYID),
    Case("myid_with_blank", "", files={"data/myid": "1 \n"}, serves=False, slice=True),
    Case("myid_word", "", files={"data/myid": "zk1\n"}, serves=False),
    Case("myid_empty", "", files={"data/myid": ""}, serves=False),
    Case("myid_of_windows", "", files={"data/myid": "1\r\n"}),
    Case("myid_large", "", files={"data/myid": "4294967296\n"}),
    Case("myid_in_dataLogDir", "dataLogDir={dir}/log", files={"log/myid": "zk1\n"}),
    # An ensemble of one, and the dynamic file.
    Case("ensemble_of_one", "standaloneEnabled=false\n" + ONE + "server.1=127.0.0.1:{peer1}:{peer2};{port}", files=MYID),
    Case("ensemble_of_one_without_myid", "standaloneEnabled=false\n" + ONE + "server.1=127.0.0.1:{peer1}:{peer2};{port}", serves=False),
    Case("ensemble_of_one_without_limits", "standaloneEnabled=false\nserver.1=127.0.0.1:{peer1}:{peer2};{port}", files=MYID, serves=False),
    # Three servers, of which only this one is there, and refused ones.
    Case("member_without_myid", ONE + THREE, serves=False, slice=True),
    Case("member_that_is_not_listed", ONE + THREE, files={"data/myid": "4\n"}, serves=False),
    Case("member_without_limits", THREE, files=MYID, serves=False),
    Case("member_with_another_port", ONE + THREE + "server.1=127.0.0.1:{peer1}:{peer2};{other}", files=MYID, serves=False),
    Case("member_of_two_groups", ONE + THREE + "group.1=1:2\ngroup.2=2:3", files=MYID, serves=False),
    Case("member_without_group", ONE + THREE + "group.1=1:2", files=MYID, serves=False),
    Case("one_voter_with_observer", ONE + "server.1=127.0.0.1:{peer1}:{peer2}\nserver.2=127.0.0.1:2:3:observer", files=MYID, serves=False),
    Case("member_with_half_of_sasl", ONE + THREE + "quorum.auth.serverRequireSasl=true", files=MYID, serves=False),
    Case("ensemble_of_none", "standaloneEnabled=false", serves=False),
    Case("dynamic_file", ONE + "dynamicConfigFile={dir}/zoo.dyn", slice=True,
         files={"zoo.dyn": "server.1=127.0.0.1:{peer1}:{peer2}:participant;{port}\n"}),
    Case("dynamic_file_missing", "dynamicConfigFile={dir}/zoo.dyn", serves=False),
    Case("dynamic_file_with_version", "dynamicConfigFile={dir}/zoo.dyn", serves=False,
         files={"zoo.dyn": "server.1=127.0.0.1:{peer1}:{peer2}\nversion=1\n"}),
    Case("dynamic_file_and_server", "dynamicConfigFile={dir}/zoo.dyn\nserver.1=127.0.0.1:{peer1}:{peer2}", serves=False,
         files={"zoo.dyn": "server.1=127.0.0.1:{peer1}:{peer2}\n"}),
    # Values that Apache's server silently replaces.
    Case("words_for_switches", "skipACL=true\nforceSync=true\nenforceQuota=yes\ndigest.enabled=false # comment\n"
                               "snapshot.trust.empty=1\nautoCreateDB=no", slice=True),
    Case("forceSync_upper_case", "forceSync=NO"),
    Case("numbers_with_units", "preAllocSize=64M\nsnapCount=100,000\nglobalOutstandingLimit=1k\nmaxCnxns=\n"
                               "fsync.warningthresholdms=1s\nflushDelay=x", slice=True),
    Case("numbers_out_of_range", "snapCount=0\nmaxCnxns=-1\nlargeRequestMaxBytes=0\nconnection_throttle_global_session_weight=0\n"
                                 "maxClientCnxns=0\nclientPortListenBacklog=-3\nautopurge.snapRetainCount=0"),
    Case("fraction_unreadable", "connection_throttle_drop_increase=two", serves=False),
    Case("compression_unknown", "snapshot.compression.method=lz4"),
    Case("digestAlg_unknown", "DigestAuthenticationProvider.digestAlg=MD4", serves=False),
    Case("flags_with_blanks", "", flags=["-Dzookeeper.skipACL=yes ", "-Dzookeeper.snapCount= 5", "-Djute.maxbuffer=4m"]),
    Case("provider_empty", "authProvider.1=", slice=True),
    Case("provider_unknown_of_apaches", "authProvider.1=org.apache.zookeeper.server.auth.SaslAuthenticationProvider"),
    Case("provider_of_others", "authProvider.1=com.example.Mine", like_apache=False),
    Case("enforced_scheme_without_provider", "enforce.auth.enabled=true\nenforce.auth.schemes=sasl", serves=False),
    Case("enforced_but_unreadable", "enforce.auth.enabled=yes\nenforce.auth.schemes=sasl"),
    # Values of keys that are only read from zoo.cfg.
    Case("purge_with_unit", "autopurge.purgeInterval=1h", serves=False, like_apache=False),
    Case("maxClientCnxns_empty", "maxClientCnxns=", serves=False, slice=True),
    Case("tickTime_hexadecimal", "tickTime=0x7d0", serves=False),
    Case("tickTime_zero", "tickTime=0", serves=False),
    Case("timeouts_crossed", "minSessionTimeout=9000\nmaxSessionTimeout=8000", serves=False),
    Case("minSessionTimeout_zero", "minSessionTimeout=0"),
    Case("dataLogDir_empty", "dataLogDir=", serves=False, slice=True),
    Case("clientPortAddress_empty", "clientPortAddress="),
    Case("clientPortAddress_unknown", "clientPortAddress=nosuchhost.invalid", serves=False),
    Case("metrics_unknown", "metricsProvider.className=com.example.Metrics", serves=False, like_apache=False),
    Case("key_twice", "tickTime=1000\ntickTime=1500"),
    Case("port_out_of_range", "secureClientPort=70000", serves=False),
    Case("secure_port_with_nio", "secureClientPort={other}\nssl.clientAuth=none\nssl.keyStore.location={dir}/no.jks", serves=False),
    Case("tls_keys_without_secure_port", "ssl.clientAuth=maybe\nssl.keyStore.location=/k.bin\nssl.crl=true"),
    # The encoding of the file.
    Case("mark_before_comment", "", bytes_before=b"\xef\xbb\xbf# Ours\n", slice=True),
    Case("mark_before_key", "", bytes_before=b"\xef\xbb\xbfmaxClientCnxns=7\n"),
    Case("mark_before_dataDir", "dataDir={dir}/data\nclientPort={port}", base=False, bytes_before=b"\xef\xbb\xbf", serves=False),
    Case("colons_and_blanks", "dataDir : {dir}/data\n  clientPort\t{port}  \n! note\nmaxClientCnxns=1\\\n  2\n"
                              "4lw.commands.whitelist=*\nadmin.enableServer=false", base=False),
    Case("windows_lines", "maxClientCnxns=9\r\nsyncLimit=5\r\n"),
    Case("empty_file", "", base=False, serves=False),
]
