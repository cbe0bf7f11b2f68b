#include "zab/configuration.h"

#include <set>

#include "base/check.h"

namespace quoll::zab {

QuorumVerifier::QuorumVerifier(Kind kind, const std::vector<Member>& members, std::int64_t version, std::string text)
    : kind_(kind), version_(version), text_(std::move(text)) {
  for (const Member& member : members) {
    members_.emplace(member.id, member);
    if (!member.is_voter) continue;
    ++voters_;
    if (member.weight > 0) group_weights_[member.group] += member.weight;
  }
}

std::shared_ptr<const QuorumVerifier> QuorumVerifier::majority(std::vector<Member> members, std::int64_t version,
                                                               std::string text) {
  return std::shared_ptr<const QuorumVerifier>(
      new QuorumVerifier(Kind::majority, std::move(members), version, std::move(text)));
}

std::shared_ptr<const QuorumVerifier> QuorumVerifier::hierarchical(std::vector<Member> members, std::int64_t version,
                                                                   std::string text) {
  return std::shared_ptr<const QuorumVerifier>(
      new QuorumVerifier(Kind::hierarchical, std::move(members), version, std::move(text)));
}

bool QuorumVerifier::is_quorum(const Contains& contains) const {
  std::size_t voters = 0;
  std::map<std::int64_t, std::int64_t> weights;
  for (const auto& [id, member] : members_) {
    if (!member.is_voter || !contains(id)) continue;
    ++voters;
    if (kind_ == Kind::hierarchical && member.weight > 0) weights[member.group] += member.weight;
  }
  if (kind_ == Kind::majority) return voters > voters_ / 2;
  std::size_t groups = 0;
  for (const auto& [group, weight] : weights) {
    if (weight > group_weights_.at(group) / 2) ++groups;
  }
  return groups > group_weights_.size() / 2;
}

bool QuorumVerifier::is_voter(ServerId id) const {
  const auto at = members_.find(id);
  return at != members_.end() && at->second.is_voter;
}

bool QuorumVerifier::may_lead(ServerId id) const {
  const auto at = members_.find(id);
  return at != members_.end() && at->second.is_voter && (kind_ == Kind::majority || at->second.weight > 0);
}

bool Configuration::is_quorum(const Contains& contains) const {
  return current->is_quorum(contains) && (next == nullptr || next->is_quorum(contains));
}

bool Configuration::is_voter(ServerId id) const {
  return current->is_voter(id) || (next != nullptr && next->is_voter(id));
}

bool Configuration::is_member(ServerId id) const {
  return current->is_member(id) || (next != nullptr && next->is_member(id));
}

std::vector<ServerId> Configuration::voters() const {
  std::set<ServerId> ids;
  for (const auto& verifier : {current, next}) {
    if (verifier == nullptr) continue;
    for (const auto& [id, member] : verifier->members()) {
      if (member.is_voter) ids.insert(id);
    }
  }
  return {ids.begin(), ids.end()};
}

}  // namespace quoll::zab
