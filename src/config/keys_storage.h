// Table rows about the transaction log, snapshots, purging and batching.
#pragma once

#include "config/keys_server.h"

namespace quoll::config::table {

inline constexpr Key kStorage[] = {
    anywhere("snapCount", Type::int32, "100000",
             "Transactions between snapshots; each server picks a number from half of it to all of it.")
        .kept_in(2),
    anywhere("snapSizeLimitInKb", Type::int64, "4194304",
             "Size of the log that starts a snapshot; 0 or less: size does not count.")
        .in("KiB")
        .kept_in(-9007199254740991, 9007199254740991),
    anywhere("txnLogSizeLimitInKb", Type::int64, "-1",
             "Size of a log file after which a new one begins; 0 or less: only snapshots begin one.")
        .in("KiB")
        .kept_in(-9007199254740991, 9007199254740991),
    anywhere("preAllocSize", Type::int64, "65536", "Step in which a log file grows on disk.")
        .in("KiB")
        .in_decimal()
        .kept_in(0, 4194304),
    anywhere("forceSync", Type::yes_no, "yes",
             "Writes are answered only once they are on the disk itself. With no, a power cut loses answered writes.")
        .only_by("no"),
    anywhere("quoll.requireDirectorySync", Type::boolean, "false",
             "Does not start on a file system that cannot fsync a directory (CIFS, vboxsf, some of NFS), where a power "
             "cut may lose acknowledged writes. This key is Quoll's own; Apache ignores it."),
    anywhere(
        "quoll.archiveDir", Type::path, "",
        "Directory in which closed logs and snapshots are kept for quoll restore --at; it must exist, and nothing in "
        "it is ever removed. This key is Quoll's own; Apache ignores it.")
        .else_("none"),
    anywhere("quoll.diskFull", Type::text, "serveReads",
             "What a full disk does: serveReads refuses writes with NOTREADONLY until there is space and serves "
             "everything else; "
             "exit ends the server, as Apache's. This key is Quoll's own; Apache ignores it.")
        .one_of("serveReads exit")
        .strict(),
    anywhere("fsync.warningthresholdms", Type::int64, "1000",
             "A flush that takes longer is logged. -Dfsync.warningthresholdms is an older name.")
        .in("ms")
        .kept_in(0),
    anywhere("snapshot.compression.method", Type::text, "", "How snapshots are compressed.")
        .one_of("gz snappy")
        .lenient()
        .else_("not compressed"),
    anywhere("snapshot.trust.empty", Type::boolean, "false",
             "Starts from a log without any snapshot; for data of version 3.4 alone."),
    anywhere("datadir.autocreate", Type::boolean, "true", "Creates missing data folders."),
    anywhere("db.autocreate", Type::boolean, "true",
             "Treats empty data folders as a new database; if false, a file named initialize must exist there."),
    anywhere("digest.enabled", Type::boolean, "true",
             "Keeps a digest of the tree, in log and snapshots too, to find servers that differ."),
    anywhere("closeSessionTxn.enabled", Type::boolean, "true",
             "Names the ephemeral nodes in the transaction that ends a session."),
    anywhere("serializeLastProcessedZxid.enabled", Type::boolean, "true",
             "Writes the last zxid of a snapshot at its end."),
    anywhere("forceSnapshotSync", Type::boolean, "false", "Always sends a whole snapshot to a follower; for tests.")
        .in_ensembles()
        .warned("A leader sends a snapshot only where its log does not suffice"),
    anywhere("snapshotSizeFactor", Type::real, "0.33",
             "Share of a snapshot's size up to which a follower is caught up from the log.")
        .in_ensembles()
        .no_effect("the leader's own limits count"),
    anywhere("commitLogCount", Type::int32, "500", "Latest transactions kept in memory for followers.")
        .in_ensembles()
        .no_effect("the leader's own limits count"),
};

inline constexpr Key kPurge[] = {
    in_file("autopurge.snapRetainCount", Type::int32, "3", "Snapshots that purging keeps, with the logs they need.")
        .kept_in(3),
    in_file("autopurge.purgeInterval", Type::duration, "0",
            "Time between two purges; 0: none. A number alone counts hours; ms, s, m, h or d may follow."),
};

inline constexpr std::string_view kSharedFlush =
    "all writes that come while the disk is busy share the next flush, which starts as soon as the last one ends";

inline constexpr Key kBatching[] = {
    anywhere("flushDelay", Type::int64, "0", "How long writes may wait for others to share their flush; 0: no wait.")
        .in("ms")
        .at_least(0)
        .no_effect(kSharedFlush),
    anywhere("maxWriteQueuePollTime", Type::int64, "", "How long an idle wait for one more write may last.")
        .in("ms")
        .at_least(0)
        .else_("a third of flushDelay")
        .no_effect(kSharedFlush),
    anywhere("maxBatchSize", Type::int32, "1000", "Writes that share a flush at most.")
        .at_least(1)
        .no_effect(kSharedFlush),
};

inline constexpr Key kPipeline[] = {
    anywhere("commitProcessor.numWorkerThreads", Type::int32, "", "Threads that carry out requests.")
        .else_("number of cores")
        .no_effect(kOneLoop),
    anywhere("commitProcessor.maxReadBatchSize", Type::int32, "-1", "Reads between two checks for commits.")
        .no_effect(kOneLoop),
    anywhere("commitProcessor.maxCommitBatchSize", Type::int32, "1", "Commits before reads go on.").no_effect(kOneLoop),
    anywhere("commitProcessor.shutdownTimeout", Type::int64, "5000", "How long to wait for the threads at the end.")
        .in("ms")
        .no_effect(kOneLoop),
    anywhere("follower.skipLearnerRequestToNextProcessor", Type::boolean, "false",
             "A shortcut in a follower's pipeline.")
        .no_effect(kOneLoop),
    anywhere("forward_learner_requests_to_commit_processor_disabled", Type::boolean, "false",
             "A shortcut in the leader's pipeline.")
        .no_effect(kOneLoop),
};

inline constexpr Key kLogging[] = {
    anywhere("quoll.log.level", Type::text, "",
             "Lowest level that is logged. This key is Quoll's own; Apache ignores it.")
        .one_of("trace debug info warn error")
        .else_("zookeeper.root.logger"),
    anywhere("quoll.log.format", Type::text, "text",
             "Format of the log: text; json, an object a line; or log4j, the layout of Apache ZooKeeper's logback.xml. "
             "The argument --log-format takes precedence over it. This key is Quoll's own; Apache ignores it.")
        .one_of("text json log4j"),
    anywhere(
        "quoll.log.file", Type::path, "",
        "File that the log is appended to; it is reopened on SIGHUP. The argument --log-file takes precedence over it. "
        "This key is Quoll's own; Apache ignores it.")
        .else_("standard output"),
    by_flag("zookeeper.root.logger", Type::text, "INFO,CONSOLE",
            "Lowest level that is logged, then names of outputs, which Quoll ignores: see quoll.log.file."),
    by_flag("zookeeper.console.threshold", Type::text, "INFO", "Lowest level on the console.")
        .no_effect("set quoll.log.level"),
    by_flag("zookeeper.log.threshold", Type::text, "INFO", "Lowest level in the log file.")
        .no_effect("set quoll.log.level"),
    by_flag("zookeeper.log.dir", Type::path, ".", "Folder of the log file.")
        .no_effect("set quoll.log.file; without it Quoll logs to standard output, which the service manager keeps"),
    by_flag("zookeeper.log.file", Type::path, "zookeeper.log", "Name of the log file.")
        .no_effect("set quoll.log.file; without it Quoll logs to standard output, which the service manager keeps"),
};

}  // namespace quoll::config::table
