// Table rows about ports, sessions, limits, throttles and znodes.
#pragma once

#include "config/key.h"

namespace quoll::config::table {

inline constexpr std::int64_t kInt32Max = 2147483647;
inline constexpr std::string_view kOneLoop = "Quoll serves all connections from one event loop and needs no such pool";
inline constexpr std::string_view kNoJvm = "Quoll is no Java program";

inline constexpr Key kBasics[] = {
    in_file("dataDir", Type::path, "", "Folder of the snapshots, and of the transaction log unless dataLogDir is set.")
        .else_("none, it must be set"),
    in_file("dataLogDir", Type::path, "", "Folder of the transaction log; a disk of its own keeps writes fast.")
        .else_("dataDir"),
    in_file("clientPort", Type::int32, "", "Port for clients in plain text; 0 lets the system choose.")
        .between(0, 65535)
        .else_("none: no such port"),
    in_file("clientPortAddress", Type::text, "", "Address that clientPort listens on.").else_("every address"),
    in_file("secureClientPort", Type::int32, "", "Port for clients over TLS; it also turns on x509 authentication.")
        .between(0, 65535)
        .else_("none: no such port"),
    in_file("secureClientPortAddress", Type::text, "", "Address that secureClientPort listens on.")
        .else_("every address"),
    in_file("clientPortListenBacklog", Type::int32, "-1",
            "Connections that may wait to be accepted; 0 or less leaves it to the system."),
    in_file("tickTime", Type::int32, "3000", "Length of a tick, the unit of session timeouts and their precision.")
        .in("ms")
        .between(1, kInt32Max / 20),
    in_file("minSessionTimeout", Type::int32, "-1", "Shortest session timeout a client may have; -1 means two ticks.")
        .in("ms"),
    in_file("maxSessionTimeout", Type::int32, "-1", "Longest session timeout a client may have; -1 means twenty ticks.")
        .in("ms")
        .at_least(-1),
    anywhere(
        "quoll.sessionPasswords", Type::text, "apache",
        "How the password is made by which a client takes up its session again. apache: from the session id alone, so "
        "that anybody who learns an id can take the session over, as with Apache's server. random: from the id and "
        "a secret in dataDir, which nobody can guess; sessions of before the change end, and so do all sessions when "
        "the secret is lost. This key is Quoll's own; Apache ignores it.")
        .one_of("apache random")
        .strict(),
    in_file(
        "maxClientCnxns", Type::int32, "60",
        "Connections from one client address; 0 or less means any number. It is 0 when the server is started with a "
        "port and a folder in place of a file."),
};

inline constexpr Key kNetwork[] = {
    anywhere("maxCnxns", Type::int32, "0", "Client connections altogether; 0 means any number.").kept_in(0),
    anywhere("clientTcpKeepAlive", Type::boolean, "false", "Turns on TCP keep-alive for client connections."),
    anywhere("nio.sessionlessCnxnTimeout", Type::int32, "10000",
             "How long a connection may stay without opening a session.")
        .in("ms")
        .kept_in(1),
    anywhere("serverCnxnFactory", Type::java_class, "org.apache.zookeeper.server.NIOServerCnxnFactory",
             "Java class that serves connections; Apache needs its Netty one for TLS.")
        .one_of("org.apache.zookeeper.server.NIOServerCnxnFactory org.apache.zookeeper.server.NettyServerCnxnFactory")
        .strict()
        .no_effect("Quoll serves plain and TLS connections alike, whichever of Apache's two is named"),
    anywhere("nio.numSelectorThreads", Type::int32, "", "Selector threads.")
        .else_("square root of half the cores")
        .no_effect(kOneLoop),
    anywhere("nio.numWorkerThreads", Type::int32, "", "Worker threads for reading and writing.")
        .else_("twice the cores")
        .no_effect(kOneLoop),
    anywhere("nio.directBufferBytes", Type::int32, "65536", "Size of a buffer outside Java's heap.")
        .in("bytes")
        .no_effect(kNoJvm),
    anywhere("nio.shutdownTimeout", Type::int64, "5000", "How long to wait for worker threads at the end.")
        .in("ms")
        .no_effect(kOneLoop),
    anywhere("netty.advancedFlowControl.enabled", Type::boolean, "false", "Netty's finer back-pressure.")
        .no_effect("Quoll always stops reading from a connection that is over its limits"),
    anywhere("intBufferStartingSizeBytes", Type::int32, "1024", "First size of an output buffer.")
        .in("bytes")
        .at_least(32)
        .no_effect(kNoJvm),
};

inline constexpr std::string_view kNoReplyCache = "replies are written straight from the tree";

inline constexpr Key kLimits[] = {
    by_flag(
        "jute.maxbuffer", Type::int32, "1048575",
        "Largest request or node; above it the connection is closed. Apache reads it from -D alone, and so does Quoll.")
        .in("bytes")
        .kept_in(1),
    anywhere("jute.maxbuffer.extrasize", Type::int32, "",
             "What a record on disk or between servers may be longer than jute.maxbuffer.")
        .in("bytes")
        .kept_in(1024)
        .else_("jute.maxbuffer"),
    anywhere("globalOutstandingLimit", Type::int32, "1000",
             "Requests in progress above which the server stops reading from clients.")
        .kept_in(1),
    anywhere("largeRequestThreshold", Type::int32, "-1", "Size from which a request counts as large; -1: none does.")
        .in("bytes")
        .kept_in(-1),
    anywhere("largeRequestMaxBytes", Type::int32, "104857600",
             "Bytes of large requests in progress; a further one is refused.")
        .in("bytes")
        .preset_below(1),
    anywhere("quoll.bytesInFlightMax", Type::int64, "",
             "Bytes that all clients together have sent incompletely or have not read. Above it, clients that do not "
             "read are not read from; above twice as much, the connection with the most is closed. This key is Quoll's "
             "own; Apache ignores it.")
        .in("bytes")
        .between(1048576, std::int64_t{1} << 50)
        .strict()
        .else_("an eighth of the memory that the process may have, 64 MiB or more"),
    anywhere("quoll.memoryLimit", Type::int64, "",
             "Memory of the process above which requests that make the data larger are refused with QuotaExceeded; -1: "
             "no limit. This key is Quoll's own; Apache ignores it.")
        .in("bytes")
        .between(-1, std::int64_t{1} << 50)
        .strict()
        .else_("seven eighths of the memory that the process may have"),
    anywhere(
        "quoll.replyBytesMax", Type::int64, "50331648",
        "Memory that one reply may take while it is built: its data and names, and 20 bytes for each name. A request "
        "with a larger reply fails with BadArguments. This key is Quoll's own; Apache ignores it.")
        .in("bytes")
        .between(1048576, 1073741824)
        .strict(),
    anywhere(
        "quoll.watchBytesPerConnection", Type::int64, "134217728",
        "What the watches of one connection may take: their paths, and 64 bytes each. A request that would set one "
        "more fails with BadArguments. This key is Quoll's own; Apache ignores it.")
        .in("bytes")
        .between(1048576, std::int64_t{1} << 50)
        .strict(),
    anywhere(
        "quoll.watchBytesMax", Type::int64, "",
        "The same for the watches of all connections. Above it, a connection whose watches take more than 1 MiB gets "
        "no more. This key is Quoll's own; Apache ignores it.")
        .in("bytes")
        .between(1048576, std::int64_t{1} << 50)
        .strict()
        .else_("a quarter of the memory that the process may have, 128 MiB or more"),
    anywhere("maxResponseCacheSize", Type::int32, "400", "Nodes whose serialised getData reply is kept; 0: none.")
        .at_least(0)
        .no_effect(kNoReplyCache),
    anywhere("maxGetChildrenResponseCacheSize", Type::int32, "400",
             "Nodes whose serialised getChildren2 reply is kept; 0: none.")
        .at_least(0)
        .no_effect(kNoReplyCache),
    anywhere("bitHashCacheSize", Type::int32, "10", "Cache of the optimised watch manager.")
        .no_effect("Quoll keeps watches in its own way"),
};

inline constexpr Key kRequestThrottle[] = {
    anywhere("request_throttle_max_requests", Type::int32, "0",
             "Requests in progress above which new ones wait; 0: no limit.")
        .kept_in(0),
    anywhere("request_throttle_stall_time", Type::int32, "100",
             "Longest time a request waits before it is looked at again.")
        .in("ms")
        .at_least(0)
        .no_effect("a waiting request continues as soon as the limit allows"),
    anywhere("request_throttle_drop_stale", Type::boolean, "true", "Drops a request that went stale while it waited.")
        .no_effect("a request whose connection is gone is always dropped"),
    anywhere("request_stale_connection_check", Type::boolean, "true", "A request is stale once its connection is gone.")
        .no_effect("a request whose connection is gone is always dropped"),
    anywhere("request_stale_latency_check", Type::boolean, "false",
             "A request is stale once it is older than its session's timeout.")
        .warned("old requests are answered all the same; leave it out"),
    anywhere("request_throttler.shutdownTimeout", Type::int32, "10000",
             "How long to wait at the end for requests that are in progress.")
        .in("ms")
        .at_least(0)
        .no_effect("requests in the log are applied at the next start, whether answered or not"),
    anywhere("throttled_op_wait_time", Type::int32, "0", "A request that waited longer gets error -127; 0: never.")
        .in("ms")
        .kept_in(0),
};

inline constexpr Key kConnectionThrottle[] = {
    anywhere("connection_throttle_tokens", Type::int32, "0",
             "Size of the bucket of tokens that new connections take from; 0: no throttle.")
        .kept_in(0),
    anywhere("connection_throttle_fill_time", Type::int32, "1", "Time between two refills.").in("ms").kept_in(1),
    anywhere("connection_throttle_fill_count", Type::int32, "1", "Tokens per refill.").kept_in(0),
    anywhere("connection_throttle_freeze_time", Type::int32, "-1",
             "Time between two changes of the drop probability; negative: it never changes.")
        .in("ms"),
    anywhere("connection_throttle_drop_increase", Type::real, "0.02", "Step by which the drop probability grows.")
        .kept_in(0, 1),
    anywhere("connection_throttle_drop_decrease", Type::real, "0.002", "Step by which the drop probability falls.")
        .kept_in(0, 1),
    anywhere("connection_throttle_decrease_ratio", Type::real, "0",
             "Share of tokens left above which the drop probability falls.")
        .kept_in(0, 1),
    anywhere("connection_throttle_weight_enabled", Type::boolean, "false",
             "Lets connections take tokens by the weights below instead of one each."),
    anywhere("connection_throttle_global_session_weight", Type::int32, "3", "Tokens for a new session.")
        .preset_below(1),
    anywhere("connection_throttle_local_session_weight", Type::int32, "1", "Tokens for a new local session.")
        .preset_below(1),
    anywhere("connection_throttle_renew_session_weight", Type::int32, "2", "Tokens for a session that comes back.")
        .preset_below(1),
};

inline constexpr Key kZnodes[] = {
    anywhere("extendedTypesEnabled", Type::boolean, "false", "Allows TTL nodes."),
    anywhere("emulate353TTLNodes", Type::boolean, "false", "Reads the format that 3.5.3 used for TTL nodes."),
    by_flag("znode.container.checkIntervalMs", Type::int32, "60000",
            "Time between two searches for containers and nodes to remove.")
        .in("ms")
        .kept_in(1),
    by_flag("znode.container.maxPerMinute", Type::int32, "10000", "How many of them are removed in a minute.")
        .kept_in(1),
    by_flag("znode.container.maxNeverUsedIntervalMs", Type::int64, "0",
            "Age at which a container that never had a child is removed; 0: never.")
        .in("ms")
        .kept_in(0),
    anywhere("enforceQuota", Type::boolean, "false", "Refuses writes above a hard quota, with error -125."),
};

inline constexpr Key kWatches[] = {
    anywhere("watchManagerName", Type::java_class, "org.apache.zookeeper.server.watch.WatchManager",
             "Java class that keeps watches.")
        .no_effect("Quoll keeps watches in its own way"),
    anywhere("watcherCleanThreshold", Type::int32, "1000", "Dead watchers that start a cleaning.")
        .no_effect("Quoll removes a watcher immediately"),
    anywhere("watcherCleanIntervalInSeconds", Type::int32, "600", "Time between two cleanings.")
        .in("s")
        .no_effect("Quoll removes a watcher immediately"),
    anywhere("watcherCleanThreadsNum", Type::int32, "2", "Threads that clean.")
        .no_effect("Quoll removes a watcher immediately"),
    anywhere("maxInProcessingDeadWatchers", Type::int32, "-1", "Dead watchers that may wait.")
        .no_effect("Quoll removes a watcher immediately"),
};

}  // namespace quoll::config::table
