// The settings of data files.
#pragma once

#include <cstdint>
#include <string>

namespace quoll::store {

struct Options {
  std::string data_dir;      // snapshots, below version-2
  std::string data_log_dir;  // transaction logs, below version-2; may be the same
  std::int64_t pre_alloc_kb = 65536;
  bool force_sync = true;               // forceSync=no: acknowledged writes may be lost in a power cut
  std::int64_t log_size_limit_kb = -1;  // txnLogSizeLimitInKb; <= 0: off
  enum Compression { none, gz, snappy } compression = none;
  bool trust_empty_snapshot = false;
  bool data_dir_autocreate = true;
  bool db_autocreate = true;
  // quoll.diskFull: true: a full disk refuses writes until there is space; false: it ends the server, as in Apache.
  bool waits_for_space = true;
  bool digest_enabled = true;
  bool serialize_last_processed_zxid = true;
};

}  // namespace quoll::store
