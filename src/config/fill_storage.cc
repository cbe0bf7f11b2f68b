// Settings of the transaction log, snapshots, purging and batching.
#include "config/fill.h"

namespace quoll::config {
namespace {

Compression compression(Values& values) {
  const auto method = values.text("snapshot.compression.method");
  if (method == "gz") return Compression::gzip;
  return method == "snappy" ? Compression::snappy : Compression::none;
}

}  // namespace

Storage fill_storage(Values& values) {
  Storage storage;
  storage.data_dir = values.text("dataDir");
  if (storage.data_dir.empty()) values.fault("dataDir", "is not set: name the folder that holds the data");
  storage.data_log_dir = values.text("dataLogDir");
  // Apache's server does not start with an empty path either. Existing logs could be elsewhere, so no default is used.
  if (storage.data_log_dir.empty() && values.find("dataLogDir") != nullptr)
    values.fault("dataLogDir",
                 "is empty: name the folder of the transaction log, or leave the line out to use dataDir");
  if (storage.data_log_dir.empty()) storage.data_log_dir = storage.data_dir;
  if (!storage.data_dir.empty() && !storage.data_dir.starts_with('/')) {
    values.note(Weight::warning, "dataDir",
                "is not an absolute path; it depends on the folder the server is started in");
  }
  storage.snap_count = values.int32("snapCount");
  storage.snap_size_limit_kb = values.int64("snapSizeLimitInKb");
  storage.log_size_limit_kb = values.int64("txnLogSizeLimitInKb");
  storage.pre_alloc_kb = values.int64("preAllocSize");
  storage.force_sync = values.boolean("forceSync");
  if (!storage.force_sync)
    values.note(Weight::warning, "forceSync", "is no: a power cut loses writes that were answered");
  storage.serve_reads_when_full = values.text("quoll.diskFull") != "exit";
  storage.require_directory_sync = values.boolean("quoll.requireDirectorySync");
  storage.archive_dir = values.text("quoll.archiveDir");
  for (const std::string& taken : {storage.data_dir, storage.data_log_dir}) {
    if (storage.archive_dir.empty() || (storage.archive_dir != taken && storage.archive_dir != taken + "/version-2"))
      continue;
    values.fault("quoll.archiveDir", "is a folder of the data itself: name another one");
    break;
  }
  storage.fsync_warning_ms = values.int64("fsync.warningthresholdms");
  storage.compression = compression(values);
  storage.trust_empty_snapshot = values.boolean("snapshot.trust.empty");
  storage.folder_autocreate = values.boolean("datadir.autocreate");
  storage.db_autocreate = values.boolean("db.autocreate");
  storage.digest = values.boolean("digest.enabled");
  storage.close_session_txn = values.boolean("closeSessionTxn.enabled");
  storage.serialize_last_processed_zxid = values.boolean("serializeLastProcessedZxid.enabled");
  return storage;
}

Purge fill_purge(Values& values) {
  Purge purge;
  purge.snapshots_kept = values.int32("autopurge.snapRetainCount");
  purge.interval_ms = values.duration_ms("autopurge.purgeInterval");
  return purge;
}

}  // namespace quoll::config
