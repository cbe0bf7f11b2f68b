#include "server/long_answers.h"

#include <algorithm>

namespace quoll::server {

namespace {

// Clients of four-letter words often call recv only once, so an answer up to this size is sent in one piece, however
// many steps produce it.
constexpr std::size_t kGatheredBytesMin = 2048;
// The maximum size of a piece. A piece also ends when a turn's time is over and it has the minimum size.
constexpr std::size_t kGatheredBytesMax = std::size_t{32} << 10;

}  // namespace

void LongAnswers::begin(ClientConnection& to, std::string_view word, std::unique_ptr<LongAnswer> answer) {
  to.begin_answering();
  Line& line = lines_[std::string(word)];
  line.waiting.push_back(Answering{to.id(), std::string(word), std::move(answer)});
  start_next(line);
}

void LongAnswers::start_next(Line& line) {
  while (!line.waiting.empty() && line.started < core_.options.limits.long_answers_max) {
    ready_.push_back(std::move(line.waiting.front()));
    line.waiting.pop_front();
    ++line.started;
  }
  continue_later();
}

void LongAnswers::finish(const std::string& word) {
  Line& line = lines_.find(word)->second;
  --line.started;
  start_next(line);
}

void LongAnswers::continue_later() {
  if (!ready_.empty()) call_.post(core_.env.timers, [this] { continue_one(); });
}

bool LongAnswers::gather(Answering& answering) const {
  const std::int64_t began_us = core_.env.clock.elapsed_us();
  std::string& text = answering.gathered;
  while (answering.answer->append_more(text)) {
    if (text.size() >= std::min(kGatheredBytesMax, core_.options.limits.long_answer_bytes)) return true;
    if (core_.env.clock.elapsed_us() - began_us >= core_.options.limits.turn_us) return true;
  }
  return false;
}

void LongAnswers::continue_one() {
  if (ready_.empty()) return;
  Answering next = std::move(ready_.front());
  ready_.pop_front();
  ClientConnection* const to = connections_.find(next.to);
  if (to == nullptr) return finish(next.word);
  const bool has_more = gather(next);
  if (!has_more || next.gathered.size() >= kGatheredBytesMin) {
    next.bytes += static_cast<std::int64_t>(next.gathered.size());
    to->output() += next.gathered;
    next.gathered.clear();
  }
  if (!has_more) {
    to->count_sent((next.bytes + kWordPacketBytes - 1) / kWordPacketBytes);
    to->close_after_replies();
    return finish(next.word);
  }
  to->flush();
  // flush() may have closed the connection because it does not read its output.
  if (to->phase() == ClientConnection::Phase::closing) return finish(next.word);
  if (to->transport().queued_bytes() > core_.options.limits.long_answer_bytes) {
    next.blocked_since_ms = core_.env.clock.elapsed_ms();
    blocked_.emplace(next.to, std::move(next));
  } else {
    ready_.push_back(std::move(next));
  }
  continue_later();
}

void LongAnswers::on_drained(ConnectionId to) {
  auto answering = blocked_.extract(to);
  if (answering.empty()) return;
  ready_.push_back(std::move(answering.mapped()));
  continue_later();
}

void LongAnswers::forget(ConnectionId to) {
  for (auto& [word, line] : lines_) std::erase_if(line.waiting, [&](const Answering& each) { return each.to == to; });
  // A ready answer is dropped when its turn comes and its connection is not found.
  const auto blocked = blocked_.find(to);
  if (blocked == blocked_.end()) return;
  const std::string word = blocked->second.word;
  blocked_.erase(blocked);
  finish(word);
}

void LongAnswers::close_overdue() {
  const std::int64_t latest_ms = core_.env.clock.elapsed_ms() - core_.options.limits.sessionless_ms;
  std::vector<ConnectionId> late;
  for (const auto& [to, answering] : blocked_) {
    if (answering.blocked_since_ms < latest_ms) late.push_back(to);
  }
  std::sort(late.begin(), late.end());
  for (const ConnectionId to : late) {
    if (ClientConnection* const connection = connections_.find(to))
      connection->drop("the client does not read the answer to its four-letter word");
  }
}

}  // namespace quoll::server
