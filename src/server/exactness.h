// From when on the state that a leader has sent is exact. It was walked while it changed, and it does not say until
// which zxid: from the zxid on that the leader names after it, the tree is the same as everybody's, and digests are
// compared.
#pragma once

#include <optional>

#include "machine/state.h"

namespace quoll::server {

class Exactness {
 public:
  explicit Exactness(machine::State& state) : state_(state) {}

  // The walk of the state had ended before this zxid was proposed. Only the first call counts.
  void expect_at(Zxid zxid) {
    if (state_.is_fuzzy && !exact_from_) exact_from_ = zxid;
    on_applied();
  }
  // More has been applied.
  void on_applied() {
    if (!exact_from_ || state_.last_processed < *exact_from_) return;
    exact_from_.reset();
    state_.is_fuzzy = false;
    state_.tree.recount_quotas();
  }
  // What was expected came from a leader that is not ours any more.
  void forget() { exact_from_.reset(); }

 private:
  machine::State& state_;
  std::optional<Zxid> exact_from_;
};

}  // namespace quoll::server
