#include "server/tellings.h"

#include <algorithm>

namespace quoll::server {

void Tellings::begin(ClientConnection& to, std::unique_ptr<LongAnswer> answer) {
  to.begin_answering();
  in_line_.push_back(Telling{to.id(), std::move(answer)});
  let_in();
}

void Tellings::let_in() {
  while (!in_line_.empty() && under_way() < core_.options.limits.long_answers_max) {
    ready_.push_back(std::move(in_line_.front()));
    in_line_.pop_front();
  }
  tell_later();
}

void Tellings::tell_later() {
  if (ready_.empty() || timer_ != nullptr) return;
  timer_ = core_.env.timers.after(0, [this] {
    timer_.reset();
    tell_next();
    let_in();
  });
}

void Tellings::tell_next() {
  if (ready_.empty()) return;
  Telling next = std::move(ready_.front());
  ready_.pop_front();
  ClientConnection* const to = connections_.find(next.to);
  if (to == nullptr) return;
  std::string& out = to->output();
  const std::size_t before = out.size();
  const bool has_more = next.answer->tell(out);
  next.bytes += static_cast<std::int64_t>(out.size() - before);
  to->flush();
  // It may have been dropped for what it did not read.
  if (to->phase() == ClientConnection::Phase::closing) return;
  if (!has_more) {
    to->count_sent((next.bytes + kWordPacketBytes - 1) / kWordPacketBytes);
    to->close_after_replies();
  } else if (to->transport().queued_bytes() > core_.options.limits.long_answer_bytes) {
    next.blocked_since_ms = core_.env.clock.elapsed_ms();
    blocked_.emplace(next.to, std::move(next));
  } else {
    ready_.push_back(std::move(next));
  }
}

void Tellings::on_room(ConnectionId to) {
  auto telling = blocked_.extract(to);
  if (telling.empty()) return;
  ready_.push_back(std::move(telling.mapped()));
  tell_later();
}

void Tellings::forget(ConnectionId to) {
  const auto is_it = [&](const Telling& telling) { return telling.to == to; };
  std::erase_if(in_line_, is_it);
  std::erase_if(ready_, is_it);
  blocked_.erase(to);
  if (!in_line_.empty()) let_in();
}

void Tellings::sweep() {
  const std::int64_t latest_ms = core_.env.clock.elapsed_ms() - core_.options.limits.sessionless_ms;
  std::vector<ConnectionId> late;
  for (const auto& [to, telling] : blocked_) {
    if (telling.blocked_since_ms < latest_ms) late.push_back(to);
  }
  std::sort(late.begin(), late.end());
  for (const ConnectionId to : late) {
    if (ClientConnection* const connection = connections_.find(to))
      connection->drop("it does not read the answer to its four-letter word");
  }
}

}  // namespace quoll::server
