#include "client/call_queue.h"

#include <algorithm>
#include <iterator>

namespace quoll::client {

namespace {

std::vector<Call> take_all(std::deque<Call>& queue) {
  std::vector<Call> calls(std::make_move_iterator(queue.begin()), std::make_move_iterator(queue.end()));
  queue.clear();
  return calls;
}

}  // namespace

void CallQueue::forget_deadline(const Call& call) {
  if (call.deadline_ms != kNoDeadline) deadlines_.erase({call.deadline_ms, call.id});
}

void CallQueue::wait(Call call) {
  if (call.deadline_ms != kNoDeadline) deadlines_.emplace(call.deadline_ms, call.id);
  waiting_bytes_ += call.frame.size();
  waiting_.push_back(std::move(call));
}

std::optional<Call> CallQueue::take_waiting() {
  if (waiting_.empty()) return std::nullopt;
  Call call = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= call.frame.size();
  forget_deadline(call);
  return call;
}

void CallQueue::sent(Call call) {
  if (call.deadline_ms != kNoDeadline) deadlines_.emplace(call.deadline_ms, call.id);
  sent_.push_back(std::move(call));
}

Call CallQueue::take_answered() {
  Call call = std::move(sent_.front());
  sent_.pop_front();
  forget_deadline(call);
  return call;
}

std::vector<Call> CallQueue::take_all_sent() {
  for (const Call& call : sent_) forget_deadline(call);
  return take_all(sent_);
}

std::vector<Call> CallQueue::take_all_waiting() {
  for (const Call& call : waiting_) forget_deadline(call);
  waiting_bytes_ = 0;
  return take_all(waiting_);
}

std::optional<CallQueue::Abandoned> CallQueue::abandon(CallId id) {
  const auto is_it = [id](const Call& call) { return call.id == id && call.done != nullptr; };
  if (const auto found = std::ranges::find_if(waiting_, is_it); found != waiting_.end()) {
    forget_deadline(*found);
    waiting_bytes_ -= found->frame.size();
    Abandoned abandoned{std::move(found->done), Fate::not_sent, found->deadline_ms != found->own_deadline_ms};
    waiting_.erase(found);
    return abandoned;
  }
  if (const auto found = std::ranges::find_if(sent_, is_it); found != sent_.end()) {
    forget_deadline(*found);
    found->deadline_ms = kNoDeadline;
    return Abandoned{std::exchange(found->done, nullptr), Fate::may_be_applied, false};
  }
  return std::nullopt;
}

std::int64_t CallQueue::next_deadline_ms() const {
  return deadlines_.empty() ? kNoDeadline : deadlines_.begin()->first;
}

std::vector<CallId> CallQueue::overdue(std::int64_t now_ms) const {
  std::vector<CallId> ids;
  for (const auto& [deadline, id] : deadlines_) {
    if (deadline > now_ms) break;
    ids.push_back(id);
  }
  return ids;
}

}  // namespace quoll::client
