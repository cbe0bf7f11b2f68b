// The record of a trial for the judge: what clients sent and received, the history from the logs, and the state after
// each start of the server.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/trial/actor.h"
#include "sim/trial/log_book.h"
#include "sim/trial/naive_tree.h"

namespace quoll::sim {

// A copy of a server's replicated state.
struct ServerState {
  std::string when;
  std::int64_t zxid = 0;
  std::map<std::string, NaiveTree::Node> nodes;
  std::map<std::int64_t, std::int32_t> sessions;
  bool is_of_start = false;
  // For a copy made at a start: the time when the previous process ended; -1: there was none.
  std::int64_t died_us = -1;
};

struct Expiry {
  std::int64_t session = 0;
  std::int64_t at_us = 0;
};

struct Span {
  std::int64_t from_us = 0;
  std::int64_t until_us = INT64_MAX;
};

// The last applied zxid when a server decided a transaction: between `least` and `most`.
struct Applied {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

// The statistics of quotas when `zxid` was the last applied transaction.
struct Usage {
  std::int64_t zxid = 0;
  std::map<std::string, std::string> texts;  // by path
};

struct TrialRecord {
  std::int64_t first_zxid = 0;  // of the empty database
  bool has_epochs = false;      // an ensemble's history: a new leader begins a new epoch
  // Of an ensemble: a member tells the leader so late which clients it has heard.
  std::int64_t told_within_us = 0;
  // How much faster than the world's time a server's clock may run, in millionths.
  std::int64_t drift_ppm_max = 0;
  std::vector<const Conversation*> conversations;
  LogBook log;
  std::vector<ServerState> states;
  std::vector<Expiry> expiries;
  std::vector<Span> full_times;  // when the disk was full
  // Of an ensemble: when faults may have kept it from hearing of its clients.
  std::vector<Span> disturbances;
  std::vector<Span> stalls;  // when the process was suspended
  bool is_network_prompt = true;
  std::int64_t timeout_ms_min = 0;
  std::int64_t timeout_ms_max = 0;
  bool hard_quotas = false;
  std::map<std::int64_t, Applied> applied;  // by the decided zxid; only if quotas are hard
  // Of an ensemble: when a transaction was first applied, by its zxid.
  std::map<std::int64_t, std::int64_t> applied_us;
  std::vector<Usage> usages;  // in order
};

// What is wrong, one sentence each; it begins with the law.
using Findings = std::vector<std::string>;

}  // namespace quoll::sim
