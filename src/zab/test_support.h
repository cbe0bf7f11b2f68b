// For tests that play the other side of a role by hand.
#pragma once

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "zab/effects.h"
#include "zab/member_state.h"

namespace quoll::zab::testing {

constexpr Zxid at(std::int64_t epoch, std::int64_t counter) {
  return Zxid{epoch << 32 | counter};
}

inline Record record(const std::string& text = "x") {
  return std::make_shared<const std::string>(text);
}

// Server 1 of three voters, 1 to 3, and an observer, 4. Its history is 1.1 to 1.<length>, all of it applied.
inline MemberState member(std::int64_t length = 0, std::int64_t accepted = 1, std::int64_t current = 1) {
  Configuration configuration{
      QuorumVerifier::majority({{ServerId{1}}, {ServerId{2}}, {ServerId{3}}, {ServerId{4}, false}}, 0, ""), {}};
  History history({}, {}, {});
  for (std::int64_t i = 1; i <= length; ++i) history.append(at(1, i), record());
  history.on_flushed(history.last());
  static_cast<void>(history.deliver(history.last()));
  return MemberState{ServerId{1}, configuration, {}, std::move(history), Epoch{accepted}, Epoch{current}};
}

// All effects of one kind, in order.
template <typename E>
std::vector<E> of(const Effects& effects) {
  std::vector<E> found;
  for (const Effect& effect : effects) {
    if (const auto* const one = std::get_if<E>(&effect)) found.push_back(*one);
  }
  return found;
}

// All packets of one kind that were sent, in order.
template <typename P>
std::vector<P> sent(const Effects& effects) {
  std::vector<P> found;
  for (const Effect& effect : effects) {
    const auto* const up = std::get_if<SendToLeader>(&effect);
    const auto* const down = std::get_if<SendToLearner>(&effect);
    const Packet* const packet = up != nullptr ? &up->packet : down != nullptr ? &down->packet : nullptr;
    if (packet == nullptr) continue;
    if (const auto* const one = std::get_if<P>(packet)) found.push_back(*one);
  }
  return found;
}

}  // namespace quoll::zab::testing
