// What happened in a trial, for the judge: what clients said and heard, the history that the logs held, and what each
// life of the server began with.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/trial/actor.h"
#include "sim/trial/log_book.h"
#include "sim/trial/naive_tree.h"

namespace quoll::sim {

// A look into a server: all that it replicates.
struct Portrait {
  std::string when;
  std::int64_t zxid = 0;
  std::map<std::string, NaiveTree::Node> nodes;
  std::map<std::int64_t, std::int32_t> sessions;
  bool is_of_start = false;
  // For one taken at a start: when the process before it died; -1: none has.
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

// How far a server had applied history when it decided a transaction.
struct Applied {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

// What the statistics of quotas said while `zxid` was the last that the server had applied.
struct Usage {
  std::int64_t zxid = 0;
  std::map<std::string, std::string> texts;  // by the paths of their znodes
};

struct Story {
  std::int64_t first_zxid = 0;  // of the empty database
  std::vector<const Conversation*> conversations;
  LogBook log;
  std::vector<Portrait> portraits;
  std::vector<Expiry> expiries;
  std::vector<Span> full_times;  // of the disk
  std::vector<Span> stalls;      // of the process
  bool is_network_prompt = true;
  std::int64_t timeout_ms_min = 0;
  std::int64_t timeout_ms_max = 0;
  bool hard_quotas = false;
  std::map<std::int64_t, Applied> applied;  // by the zxid that was decided; only where quotas are hard
  std::vector<Usage> usages;                // in order
};

// What is wrong, one sentence each; the first words name the law.
using Findings = std::vector<std::string>;

}  // namespace quoll::sim
