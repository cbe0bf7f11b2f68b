// The plan of a history: what each client does and when, and which faults are injected. Plain data, generated from a
// seed, so that a failing plan can be shrunk and run again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "types/acl.h"
#include "types/opcode.h"

namespace quoll::sim {

// One request.
struct Ask {
  OpCode op = OpCode::ping;
  std::string path;
  std::string data;
  AclList acl;  // create and setACL; may name the scheme "auth"
  std::int32_t flags = 0;
  std::int64_t ttl_ms = 0;
  std::int32_t version = -1;
  bool watch = false;
  std::int32_t type = 0;  // addWatch's mode, the watcher type of checkWatches and removeWatches, the user of an auth
  std::vector<Ask> parts;

  // Values that are known only when the plan is executed.
  enum class From { as_written, last_created, first_child } path_from = From::as_written;
  enum class Version { as_written, last_seen } version_from = Version::as_written;

  // setWatches and setWatches2: sent by the client itself after it has reconnected.
  std::int64_t relative_zxid = 0;
  std::vector<std::string> data_watches, exist_watches, child_watches, persistent_watches, recursive_watches;
};

// A request with an ACL that allows everything to everybody.
Ask ask_of(OpCode op, std::string path = {});
AclList open_to_all();

struct Item {
  enum class Kind {
    // of a client
    ask,
    hang_up,         // closes its connection and reconnects with its session
    cut,             // resets the connection at both ends
    silence,         // nothing is delivered any more, and neither end is told
    move,            // the old connection becomes silent, and a new one resumes the session at once
    forget,          // drops connection and session, and opens a new session
    stop_reading,    // for `amount` microseconds
    half_request,    // sends half a request and resets the connection
    wrong_password,  // resumes its session with a wrong password, and then with the right one
    // of the process, the disk, the network and the clock
    kill,            // ends the process; what it has written stays
    kill_after,      // the same in the middle of an event, after `amount` more changes of the disk
    power_cut,       // ends the process; everything not synced is lost
    power_cut_torn,  // ends the process; a random part of what was not synced remains
    power_off_after,
    kill_then_power_cut,  // kill_after; the next process starts with a disk that hangs, then the power fails
    stand_still,          // suspends the process for `amount` microseconds, as SIGSTOP does
    hang_disk,            // for `amount` microseconds
    slow_disk,            // jobs take up to `amount` microseconds
    slow_network,         // latencies of up to `amount` microseconds
    lossy_network,        // `amount` of 1000 packets are lost and sent again
    full_disk,            // for `amount` microseconds there is almost no free space
    set_clock,            // the wall clock jumps by `amount` milliseconds
    repeat_clock,         // ends the process; the next one starts at the same wall clock time as this one
    spoil_snapshot,       // ends the process; the newest of several snapshots is damaged
    spoil_log,            // ends the process; the next one finds a changed byte in a log
    spoil_mark,        // ends the process; the next one finds one record of the durable mark damaged, or (alone) both
    read_error,        // ends the process; the next one gets EIO once from a log (alone) or a snapshot
    read_error_later,  // ends the process; the next one gets EIO once, at the read after `amount` more, of any file
    log_error,         // errno `amount` from a write or sync of the log
    snapshot_error,    // the same for a snapshot
  };
  std::int64_t at_us = 0;
  Kind kind = Kind::ask;
  int client = -1;
  std::int64_t amount = 0;
  bool alone = false;  // the request waits for the answers to all earlier ones
  Ask ask;
};

struct ClientPlan {
  std::int32_t timeout_ms = 4000;
  std::string host;
  std::vector<std::string> servers;  // it connects to these in turn; none: to the only one
  std::vector<int> users;            // indices in kUsers (sim/trial/users.h); logs in as these whenever it connects
};

struct Plan {
  std::uint64_t seed = 0;
  std::string workload;
  std::vector<ClientPlan> clients;
  std::int64_t snapshot_count = 40;
  std::int64_t log_limit_kb = -1;
  int slice_nodes = 1;  // znodes in one slice of a snapshot; other events happen between slices
  bool purges = false;
  bool parts_logs = false;         // logs have their own directory
  std::uint64_t turn_us_max = 10;  // longest turn of the event loop; large on a busy machine
  bool tight = false;              // low memory limits of the server, and small socket buffers
  bool hard_quotas = false;
  std::int64_t first_zxid = 0;  // of the empty database: epochs other than 0, and counters near their end
  std::vector<Item> items;
};

const std::vector<std::string>& workloads();
// The plan of a seed; workload "": the seed selects it.
Plan make_plan(std::uint64_t seed, const std::string& workload = {});
// One line of text.
std::string text_of(const Item& item);
std::string text_of(const Ask& ask);

}  // namespace quoll::sim
