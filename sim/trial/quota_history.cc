#include "sim/trial/quota_history.h"

#include <utility>

namespace quoll::sim {

void QuotaHistory::note(std::int64_t zxid, QuotaTexts texts) {
  if (!texts_.empty() && texts_.rbegin()->second == texts) return;
  texts_[zxid] = std::move(texts);
}

std::vector<const QuotaTexts*> QuotaHistory::during(const Applied& applied) const {
  static const QuotaTexts kNone;
  std::vector<const QuotaTexts*> found;
  auto at = texts_.upper_bound(applied.least);
  found.push_back(at == texts_.begin() ? &kNone : &std::prev(at)->second);
  for (; at != texts_.end() && at->first <= applied.most; ++at) found.push_back(&at->second);
  return found;
}

}  // namespace quoll::sim
