// A history before it happens: what each client will do and when, and what will go wrong. Plain data, made from a seed,
// so that a failing plan can be cut down and run again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "types/acl.h"
#include "types/opcode.h"

namespace quoll::sim {

// One request, as a client means it.
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

  // What only the run can know.
  enum class From { as_written, last_created, first_child } path_from = From::as_written;
  enum class Version { as_written, last_seen } version_from = Version::as_written;

  // setWatches and setWatches2: made by the client itself after it has reconnected.
  std::int64_t relative_zxid = 0;
  std::vector<std::string> data_watches, exist_watches, child_watches, persistent_watches, recursive_watches;
};

// One that opens what it makes to everybody.
Ask ask_of(OpCode op, std::string path = {});
AclList open_to_all();

struct Item {
  enum class Kind {
    // of one client
    ask,
    hang_up,       // closes its connection, comes back with its session
    cut,           // the connection is reset under both ends
    silence,       // nothing passes any more and nobody is told
    move,          // the old connection goes silent and the session is taken up over a new one at once
    forget,        // drops the connection and the session with it, and begins a new session
    stop_reading,  // for `amount` microseconds
    tear,          // sends half a request and resets the connection
    forge,         // asks for its session with a wrong password, and then with the right one
    // of the world
    kill,            // the process dies; what it has written stays
    kill_after,      // the same in the middle of its work, after `amount` more changes of the disk
    power_cut,       // and everything not synced is lost
    power_cut_torn,  // and of what was not synced a part remains, by chance
    power_off_after,
    relapse,         // kill_after; the next process starts and finds a disk that hangs, and then the power goes
    stand_still,     // the process gets nothing for `amount` microseconds, as after SIGSTOP
    hang_disk,       // for `amount` microseconds
    slow_disk,       // jobs take up to `amount` microseconds
    slow_network,    // latencies of up to `amount` microseconds
    lossy_network,   // `amount` of a thousand packets are lost and sent again
    full_disk,       // for `amount` microseconds there is next to no room
    set_clock,       // the wall clock jumps by `amount` milliseconds
    repeat_clock,    // the process dies, and the next begins when the wall clock says again what it said to this one
    spoil_snapshot,  // the process dies, and the next can't read the newest of several snapshots
    spoil_log,       // the process dies, and the next finds another byte in a log
    spoil_mark,      // the process dies, and the next finds the durable mark damaged: one record of it, or (alone) both
    read_error,      // the process dies, and the next gets EIO once from a log (alone) or a snapshot
    read_error_later,  // the process dies, and the next gets EIO once, from the read after `amount` more, of any file
    log_error,         // errno `amount` from a write or sync of the log
    snapshot_error,    // the same of a snapshot
  };
  std::int64_t at_us = 0;
  Kind kind = Kind::ask;
  int client = -1;
  std::int64_t amount = 0;
  bool alone = false;  // an ask that waits for the answers to all before it
  Ask ask;
};

struct ClientPlan {
  std::int32_t timeout_ms = 4000;
  std::string host;
  std::vector<int> users;  // as whom it logs in whenever it connects, see sim/trial/users.h
};

struct Plan {
  std::uint64_t seed = 0;
  std::string workload;
  std::vector<ClientPlan> clients;
  std::int64_t snapshot_count = 40;
  std::int64_t log_limit_kb = -1;
  int slice_nodes = 1;  // of a snapshot at once: in between, history goes on
  bool purges = false;
  bool parts_logs = false;         // they have a directory of their own
  std::uint64_t turn_us_max = 10;  // of the loop: a machine that is busy is slow
  bool tight = false;              // the server may keep little in memory, and sockets take little at once
  bool hard_quotas = false;
  std::int64_t first_zxid = 0;  // of the empty database: epochs other than 0, and counters near their end
  std::vector<Item> items;
};

const std::vector<std::string>& workloads();
// The plan of a seed; workload "": the seed chooses.
Plan make_plan(std::uint64_t seed, const std::string& workload = {});
// A line for a person.
std::string text_of(const Item& item);
std::string text_of(const Ask& ask);

}  // namespace quoll::sim
