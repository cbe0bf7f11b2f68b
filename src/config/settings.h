// Every honoured key of zoo.cfg as a typed value. A default-constructed Settings has Apache's defaults (a test compares
// them with the table), except for data_dir, which has none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/secret.h"
#include "config/server_line.h"
#include "env/log.h"

namespace quoll::config {

// A port to listen on.
struct Listen {
  std::string address;     // a name or an address without brackets; empty: all addresses, IPv4 and IPv6
  std::uint16_t port = 0;  // 0: chosen by the system
  friend bool operator==(const Listen&, const Listen&) = default;
};

struct Network {
  std::optional<Listen> client;         // plain text
  std::optional<Listen> secure_client;  // TLS
  std::int32_t backlog = -1;            // -1: the system's default
  bool tcp_keep_alive = false;
  std::int32_t sessionless_timeout_ms = 10000;
  friend bool operator==(const Network&, const Network&) = default;
};

struct Sessions {
  std::int32_t tick_ms = 3000;
  std::int32_t timeout_min_ms = 6000;
  std::int32_t timeout_max_ms = 60000;
  bool random_passwords = false;  // quoll.sessionPasswords
  friend bool operator==(const Sessions&, const Sessions&) = default;
};

struct Limits {
  std::int32_t connections_per_address_max = 60;  // 0: no limit
  std::int32_t connections_max = 0;               // 0: no limit
  std::int32_t request_bytes_max = 0xfffff;       // jute.maxbuffer
  std::int32_t record_extra_bytes = 0xfffff;      // jute.maxbuffer.extrasize
  std::int32_t outstanding_max = 1000;
  std::int32_t large_request_bytes = -1;  // requests from this size on are large; -1: none
  std::int32_t large_requests_bytes_max = 104857600;
  std::optional<std::int64_t> in_flight_bytes_max;  // quoll.bytesInFlightMax; nullopt: by the machine's memory
  std::optional<std::int64_t> memory;               // quoll.memoryLimit; nullopt: by the machine's memory; -1: none
  std::int64_t reply_bytes_max = 50331648;          // quoll.replyBytesMax
  std::int64_t watch_bytes_per_connection = 134217728;
  std::optional<std::int64_t> watch_bytes_max;  // quoll.watchBytesMax; nullopt: by the machine's memory
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct RequestThrottle {
  std::int32_t requests_max = 0;    // 0: no limit
  std::int32_t op_wait_max_ms = 0;  // throttled_op_wait_time; 0: no error
  friend bool operator==(const RequestThrottle&, const RequestThrottle&) = default;
};

struct ConnectionThrottle {
  std::int32_t tokens = 0;  // 0: no throttle
  std::int32_t fill_time_ms = 1;
  std::int32_t fill_count = 1;
  std::int32_t freeze_time_ms = -1;
  double drop_increase = 0.02;
  double drop_decrease = 0.002;
  double decrease_ratio = 0;
  bool weight_enabled = false;
  std::int32_t global_session_weight = 3;
  std::int32_t local_session_weight = 1;
  std::int32_t renew_session_weight = 2;
  friend bool operator==(const ConnectionThrottle&, const ConnectionThrottle&) = default;
};

enum class Compression { none, gzip, snappy };

struct Storage {
  std::string data_dir;
  std::string data_log_dir;  // equal to data_dir unless set
  std::int32_t snap_count = 100000;
  std::int64_t snap_size_limit_kb = 4194304;  // below 1: size does not count
  std::int64_t log_size_limit_kb = -1;        // below 1: size does not count
  std::int64_t pre_alloc_kb = 65536;
  bool force_sync = true;
  bool serve_reads_when_full = true;  // quoll.diskFull
  bool require_directory_sync = false;
  std::string archive_dir;  // empty: none
  std::int64_t fsync_warning_ms = 1000;
  Compression compression = Compression::none;
  bool trust_empty_snapshot = false;
  bool folder_autocreate = true;
  bool db_autocreate = true;
  bool digest = true;
  bool close_session_txn = true;
  bool serialize_last_processed_zxid = true;
  friend bool operator==(const Storage&, const Storage&) = default;
};

struct Purge {
  std::int32_t snapshots_kept = 3;
  std::int64_t interval_ms = 0;  // 0: no purging
  friend bool operator==(const Purge&, const Purge&) = default;
};

struct Znodes {
  bool extended_types = false;
  bool emulate_353_ttl = false;
  std::int32_t container_check_interval_ms = 60000;
  std::int32_t container_removals_per_minute_max = 10000;
  std::int64_t container_never_used_max_ms = 0;  // 0: containers that never had children are kept
  bool enforce_quota = false;
  friend bool operator==(const Znodes&, const Znodes&) = default;
};

struct Auth {
  bool digest = true;
  bool sasl = false;
  bool x509 = false;
  bool ensemble = false;
  bool key = false;
  std::string digest_algorithm = "SHA1";
  Secret super_digest;          // user:digest; empty: none
  std::string x509_super_user;  // empty: none
  std::vector<std::string> sasl_super_users;
  std::optional<std::string> any_sasl_user_id;
  std::set<std::string> ensemble_names;
  std::vector<std::string> enforced_schemes;  // empty: none is enforced
  bool skip_acl = false;
  friend bool operator==(const Auth&, const Auth&) = default;
};

struct Sasl {
  std::string jaas_file;  // empty: none
  std::string section = "Server";
  bool section_given = false;  // if true, a missing section or an unreadable file prevents the start
  Secret super_password;       // of the user "super"; empty: none
  bool allow_failed_clients = false;
  friend bool operator==(const Sasl&, const Sasl&) = default;
};

enum class StoreForm { by_ending, jks, pem, pkcs12 };

struct Store {
  std::string file;  // empty: none
  Secret password;
  std::string password_file;  // takes precedence over `password`; empty: none
  StoreForm form = StoreForm::by_ending;
  friend bool operator==(const Store&, const Store&) = default;
};

enum class ClientAuth { none, want, need };

// Of the secure client port, and of the client port with client.portUnification.
struct Tls {
  Store key_store;
  Store trust_store;
  std::vector<std::string> protocols{"TLSv1.3", "TLSv1.2"};
  std::vector<std::string> cipher_suites;  // Java's names; empty: the default list
  ClientAuth client_auth = ClientAuth::need;
  bool hostname_verification = true;
  bool client_hostname_verification = false;
  std::int32_t detection_timeout_ms = 5000;
  std::int32_t outstanding_handshakes_max = -1;  // below 1: no limit
  bool on_client_port = false;                   // beside plain text: client.portUnification
  bool reload_stores = false;
  std::string auth_scheme = "x509";
  friend bool operator==(const Tls&, const Tls&) = default;
};

struct FourLetterWords {
  bool all = false;
  std::set<std::string> allowed{"srvr"};  // when not all
  friend bool operator==(const FourLetterWords&, const FourLetterWords&) = default;
};

// Which of HTTP and HTTPS a port serves.
enum class Https { none, beside_http, alone };

// The HTTP admin server.
struct Admin {
  bool enabled = true;
  std::string address = "0.0.0.0";
  std::int32_t port = 8080;  // 0: chosen by the system
  bool port_given = false;
  std::int32_t idle_timeout_ms = 30000;
  std::string command_url = "/commands";  // begins with a slash, and does not end with one
  bool snapshots = true;
  bool restores = true;
  std::int32_t rate_interval_ms = 300000;
  Https https = Https::none;
  Tls tls;  // ssl.quorum.*, if there is HTTPS
  friend bool operator==(const Admin&, const Admin&) = default;
};

struct Audit {
  bool enabled = false;
  std::string file = "zookeeper_audit.log";
  friend bool operator==(const Audit&, const Audit&) = default;
};

// The port of the metrics provider for Prometheus.
struct Prometheus {
  bool enabled = false;
  std::string host = "0.0.0.0";
  std::optional<std::int32_t> port = 7000;  // of HTTP; 0: chosen by the system; nullopt: no HTTP
  bool process_metrics = true;
  std::optional<std::int32_t> https_port;  // if it is `port`, that takes both
  Tls tls;                                 // if there is HTTPS
  friend bool operator==(const Prometheus&, const Prometheus&) = default;
};

// SASL between servers: quorum.auth.*.
struct QuorumAuth {
  bool enabled = false;
  bool learner_required = false;
  bool server_required = false;
  std::string learner_section = "QuorumLearner";
  std::string server_section = "QuorumServer";
  friend bool operator==(const QuorumAuth&, const QuorumAuth&) = default;
};

struct Ensemble {
  std::map<std::int64_t, ServerLine> servers;  // by id
  std::optional<std::int64_t> self;            // dataDir/myid
  // Of hierarchical quorums. Every voter is in a group; the weight of one that is not listed is 1.
  bool has_groups = false;
  std::map<std::int64_t, std::int64_t> group_of;  // by server
  std::map<std::int64_t, std::int64_t> weight_of;
  std::int64_t version = 0;
  std::string text;  // see membership_text.h; empty without server lines
  std::int32_t init_ticks = 0;
  std::int32_t sync_ticks = 0;
  bool listens_on_all_addresses = false;
  bool leader_serves = true;
  std::int32_t votes_resend_min_ms = 200;
  std::int32_t votes_resend_max_ms = 60000;
  std::int32_t connect_timeout_ms = 5000;
  bool standalone_enabled = true;
  bool reconfig_enabled = false;
  bool read_only_mode = false;
  // Between servers. The stores are read if TLS is accepted.
  bool connects_with_tls = false;  // sslQuorum
  bool accepts_tls = false;
  bool accepts_plain = true;  // without TLS, or beside it: portUnification
  Tls tls;                    // ssl.quorum.*
  QuorumAuth auth;
  [[nodiscard]] std::size_t voters() const;
  // Whether this is a server without others, as QuorumPeerConfig.isDistributed says: one voter at most, and
  // standaloneEnabled.
  [[nodiscard]] bool runs_alone() const { return standalone_enabled && voters() < 2; }
  friend bool operator==(const Ensemble&, const Ensemble&) = default;
};

enum class LogFormat { text, json, log4j };

struct LogOutput {
  env::Level level = env::Level::info;
  LogFormat format = LogFormat::text;
  std::string file;  // empty: standard output
  friend bool operator==(const LogOutput&, const LogOutput&) = default;
};

struct Settings {
  Network network;
  Sessions sessions;
  Limits limits;
  RequestThrottle request_throttle;
  ConnectionThrottle connection_throttle;
  Storage storage;
  Purge purge;
  Znodes znodes;
  Auth auth;
  Sasl sasl;
  Tls tls;
  FourLetterWords four_letter_words;
  Admin admin;
  Prometheus prometheus;
  Audit audit;
  Ensemble ensemble;
  LogOutput log;
  friend bool operator==(const Settings&, const Settings&) = default;
};

}  // namespace quoll::config
