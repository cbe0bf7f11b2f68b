#include "zab/leading.h"

#include "base/check.h"

namespace quoll::zab {

void Leading::propose(Zxid zxid, std::string bytes, Effects& out) {
  QUOLL_CHECK(zxid == next_zxid(), "a proposal's zxid follows the last one");
  last_proposed_ = zxid;
  proposals_.push_back(Proposal{zxid, std::move(bytes), {}});
  out.appends.push_back(AppendLog{zxid, proposals_.back().bytes});
}

void Leading::on_ack(ServerId from, Zxid up_to, Effects& out) {
  QUOLL_CHECK(up_to <= last_proposed_, "an acknowledgement is of a proposed zxid");
  for (Proposal& proposal : proposals_) {
    if (proposal.zxid > up_to) break;
    // With a quorum of one, one acknowledgement commits the proposal: no need to store who sent it.
    if (quorum_ > 1) proposal.acks.insert(from);
  }
  while (!proposals_.empty()) {
    Proposal& front = proposals_.front();
    const bool decided = quorum_ > 1 ? front.acks.size() >= quorum_ : front.zxid <= up_to;
    if (!decided) break;
    last_committed_ = front.zxid;
    out.deliveries.push_back(Deliver{front.zxid, std::move(front.bytes)});
    proposals_.pop_front();
  }
}

}  // namespace quoll::zab
