// The calls that wait for a connection, and those that wait for their answer, with their deadlines.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "client/result.h"
#include "types/opcode.h"
#include "types/replies.h"

namespace quoll::client {

// Names a call, to cancel it; 0 names none.
using CallId = std::uint64_t;

// A server's answer. Views in `body` are valid during the call only.
struct Answer {
  std::int64_t zxid = 0;
  ReplyBody body;
};
using AnswerDone = std::move_only_function<void(Result<Answer>)>;

inline constexpr std::int64_t kNoDeadline = INT64_MAX;

struct Call {
  CallId id = 0;
  OpCode op = OpCode::error;
  std::int32_t xid = 0;                        // once it is sent
  std::int64_t deadline_ms = kNoDeadline;      // by Clock::elapsed_ms
  std::int64_t own_deadline_ms = kNoDeadline;  // once it is sent: without a connection there is an earlier one
  std::int64_t sent_us = 0;                    // by Clock::elapsed_us
  std::string frame;                           // until it is sent
  AnswerDone done;                             // null: the caller has been told already
};

// First in, first out, in both queues: servers answer in the order of the requests.
class CallQueue {
 public:
  void wait(Call call);
  // The oldest waiting call.
  std::optional<Call> take_waiting();
  void sent(Call call);
  // The oldest call without an answer; nullptr: there is none.
  [[nodiscard]] const Call* next_to_answer() const { return sent_.empty() ? nullptr : &sent_.front(); }
  Call take_answered();

  // All that were sent, or that wait; the queue forgets them.
  std::vector<Call> take_all_sent();
  std::vector<Call> take_all_waiting();

  // The call's function and its fate: the call is over for its caller. A sent call keeps its place, for its answer will
  // come. nullopt: there is no such call.
  struct Abandoned {
    AnswerDone done;
    Fate fate = Fate::not_sent;
    bool lacked_connection = false;  // its deadline was that of calls without a connection
  };
  std::optional<Abandoned> abandon(CallId id);

  // The earliest deadline; kNoDeadline if there is none.
  [[nodiscard]] std::int64_t next_deadline_ms() const;
  // Calls whose deadline is not after `now_ms`.
  [[nodiscard]] std::vector<CallId> overdue(std::int64_t now_ms) const;

  [[nodiscard]] std::size_t count() const { return waiting_.size() + sent_.size(); }
  [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }

 private:
  void forget_deadline(const Call& call);

  std::deque<Call> waiting_;
  std::deque<Call> sent_;
  std::size_t waiting_bytes_ = 0;
  std::set<std::pair<std::int64_t, CallId>> deadlines_;
};

}  // namespace quoll::client
