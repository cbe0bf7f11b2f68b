// What the znodes of quotas said at each moment of history: the server decides by what it has applied, which lags
// behind what it has decided.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/trial/naive_quotas.h"
#include "sim/trial/story.h"

namespace quoll::sim {

class QuotaHistory {
 public:
  // So it is from `zxid` on.
  void note(std::int64_t zxid, QuotaTexts texts);
  // What it was while the server had applied so much; no two of them are the same one.
  [[nodiscard]] std::vector<const QuotaTexts*> during(const Applied& applied) const;

 private:
  std::map<std::int64_t, QuotaTexts> texts_;  // only where they changed
};

}  // namespace quoll::sim
