// Who is a member of the ensemble and what a quorum of it is (org.apache.zookeeper.server.quorum.flexible). Values that
// never change: a new configuration is a new object.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "types/ids.h"

namespace quoll::zab {

struct Member {
  ServerId id;
  bool is_voter = true;     // false: an observer
  std::int64_t weight = 1;  // hierarchical quorums only; a server of weight 0 is never elected
  std::int64_t group = 0;   // hierarchical quorums only
};

// Asks whether a server belongs to a set.
using Contains = std::function<bool(ServerId)>;

class QuorumVerifier {
 public:
  // A quorum is more than half of the voters.
  static std::shared_ptr<const QuorumVerifier> majority(std::vector<Member> members, std::int64_t version,
                                                        std::string text);
  // A quorum has more than half of the weight in each of more than half of the groups that have weight.
  static std::shared_ptr<const QuorumVerifier> hierarchical(std::vector<Member> members, std::int64_t version,
                                                            std::string text);

  [[nodiscard]] bool is_quorum(const Contains& contains) const;
  [[nodiscard]] bool is_voter(ServerId id) const;
  // A voter or an observer.
  [[nodiscard]] bool is_member(ServerId id) const { return members_.contains(id); }
  // May this server be elected?
  [[nodiscard]] bool may_lead(ServerId id) const;
  [[nodiscard]] const std::map<ServerId, Member>& members() const { return members_; }
  // The zxid of the transaction that made this configuration; 0: it is from the configuration file.
  [[nodiscard]] std::int64_t version() const { return version_; }
  // As servers tell it each other; not read here.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  enum class Kind { majority, hierarchical };
  QuorumVerifier(Kind kind, const std::vector<Member>& members, std::int64_t version, std::string text);

  Kind kind_;
  std::map<ServerId, Member> members_;
  std::size_t voters_ = 0;
  std::map<std::int64_t, std::int64_t> group_weights_;  // groups that have weight
  std::int64_t version_;
  std::string text_;
};

// The configuration in force and, while a change of it is under way, the next one: then a decision needs a quorum of
// both.
struct Configuration {
  std::shared_ptr<const QuorumVerifier> current;
  std::shared_ptr<const QuorumVerifier> next;  // nullptr: no change is under way

  [[nodiscard]] bool is_quorum(const Contains& contains) const;
  // In either configuration.
  [[nodiscard]] bool is_voter(ServerId id) const;
  [[nodiscard]] bool is_member(ServerId id) const;
  [[nodiscard]] std::vector<ServerId> voters() const;
};

}  // namespace quoll::zab
