// The quotas at each zxid of the history. The server checks quotas against what it has applied, which is older than
// what it has decided.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/trial/naive_quotas.h"
#include "sim/trial/trial_record.h"

namespace quoll::sim {

class QuotaHistory {
 public:
  // The texts from `zxid` on.
  void note(std::int64_t zxid, QuotaTexts texts);
  // The texts that were valid in this range of applied zxids, without duplicates.
  [[nodiscard]] std::vector<const QuotaTexts*> during(const Applied& applied) const;

 private:
  std::map<std::int64_t, QuotaTexts> texts_;  // an entry for each change
};

}  // namespace quoll::sim
