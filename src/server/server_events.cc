// What happens to a server while it serves: what clients send, and what agreement decides.
#include <algorithm>
#include <utility>

#include "server/bad_frame.h"
#include "server/server.h"
#include "types/quorum_packets.h"
#include "wire/client_frames.h"
#include "wire/quorum_frames.h"

namespace quoll::server {

namespace {

std::string_view name_of(zab::State state) {
  return state == zab::State::leading ? "leading" : state == zab::State::observing ? "observing" : "following";
}

}  // namespace

bool Server::on_word(ClientConnection& from, std::string_view bytes) {
  const std::string_view word = bytes.substr(0, 4);
  if (word_responder_ == nullptr || !word_responder_->knows(word)) return false;
  // Counted before the answer, which may contain the count.
  from.count_received(word.size());
  if (auto answer = word_responder_->long_answer(word, from.transport().peer())) {
    long_answers_.begin(from, word, std::move(answer));
    return true;
  }
  const std::string answer = word_responder_->answer(word, bytes.substr(4), from.transport().peer());
  if (answer.empty()) {
    from.drop("a four-letter word without an answer");
    return true;
  }
  from.output() += answer;
  from.count_sent((static_cast<std::int64_t>(answer.size()) + kWordPacketBytes - 1) / kWordPacketBytes);
  from.close_after_replies();
  return true;
}

void Server::on_connect(ClientConnection& from, const ConnectRequest& request) {
  end_event_later();
  if (!serving_ || !may_serve_here()) {
    ++core_.stats.metrics.refused_while_not_serving;
    return from.drop("the server is not serving yet, or not any more");
  }
  ConnectionThrottle& throttle = throttle_.connections();
  const int tokens = request.session_id == 0 ? throttle.tokens_for_new_session() : throttle.tokens_for_renewal();
  const double dice = static_cast<double>(core_.env.random.below(1 << 30)) / (1 << 30);
  if (!throttle.admits(tokens, core_.env.clock.elapsed_ms(), dice)) {
    ++core_.stats.metrics.connections_rejected;
    return from.drop("connection_throttle_tokens allows no more sessions now");
  }
  core_.stats.metrics.connection_token_deficit.add(throttle.deficit());
  ++core_.stats.metrics.connection_requests;
  if (request_auth_.admit_transport(from)) sessions_.on_connect(from, request);
}

bool Server::may_serve_here() const {
  return core_.role == Role::learner || !core_.options.ensemble || core_.options.ensemble->leader_serves;
}

void Server::on_request(ClientConnection& from, const RequestHeader& header, std::string_view body) {
  end_event_later();
  if (!serving_) return;
  if (request_auth_.handled(from, header, body)) return;
  if (throttle_.keeps(from, header, body, requests_.in_progress())) return;
  requests_.submit(from, header, body, from.identities.size());
}

void Server::on_bad_frame(const ClientConnection& from, std::int32_t length, std::string_view bytes) {
  core_.env.log.warn(
      "{}", bad_frame_line(from.transport().peer(), from.session, length, bytes, core_.options.limits.frame_bytes_max));
}

bool Server::admits_frame(const ClientConnection&, std::int64_t bytes) {
  const Limits& limits = core_.options.limits;
  if (limits.large_request_bytes < 0 || bytes <= limits.large_request_bytes) return true;
  if (requests_.large_bytes() + bytes <= limits.large_requests_bytes_max) return true;
  ++core_.stats.metrics.large_requests_rejected;
  return false;
}

void Server::on_bytes_processed(std::size_t bytes) {
  event_bytes_ += bytes;
  if (bytes > 0) end_event_later();
}

void Server::on_turn_needed(ClientConnection& from) {
  waiting_for_turn_.push_back(from.id());
  schedule_turn();
}

void Server::on_drained(ClientConnection& from) {
  requests_.drain(from);
  long_answers_.on_drained(from.id());
}

bool Server::has_time(Demand demand) const {
  const Limits& limits = core_.options.limits;
  if (!end_call_.is_pending()) return true;  // nothing has happened in this event
  const std::int64_t took_us = core_.env.clock.elapsed_us() - event_began_us_;
  if (demand == Demand::small) return took_us < limits.full_event_us;
  return event_bytes_ < limits.event_bytes && took_us < limits.event_us;
}

void Server::schedule_turn() {
  if (waiting_for_turn_.empty()) return;
  turn_call_.post(core_.env.timers, [this] {
    if (waiting_for_turn_.empty()) return;
    const ConnectionId next = waiting_for_turn_.front();
    waiting_for_turn_.pop_front();
    if (ClientConnection* const connection = connections_.find(next)) connection->take_turn();
    schedule_turn();
  });
}

void Server::on_output(ClientConnection& from) {
  connections_.note_output(from);
  end_event_later();
}

void Server::on_too_many_bytes() {
  connections_.cut_off_largest();
  end_event_later();
}

void Server::on_closed(ClientConnection& from, std::string_view why) {
  requests_.forget(from);
  request_auth_.forget(from.id());
  long_answers_.forget(from.id());
  connections_.remove(from, why);
  end_event_later();
}

void Server::on_append(const zab::AppendLog& append) {
  // After a failure nothing is executed any more; the process is about to end.
  if (!running_) return;
  journal_->append(append.zxid, *append.record, append.generation);
  disk_space_->on_append(append.record->size());
  memory_.on_append(append.record->size());
  snapshots_->on_append(append.record->size());
}

void Server::on_decided(zab::Effect&& effect) {
  if (!running_) return;
  const auto* const serve_as = std::get_if<zab::ServeAs>(&effect);
  if (serve_as == nullptr || serve_as->state != zab::State::looking) return decided_.add(std::move(effect));
  // At once; what is decided is still applied, but what was to be done for clients and learners is not.
  decided_.drop_services();
  stop_serving();
}

void Server::on_event_end() {
  // Packets of other members come many at a time and are told one by one: what they decide is carried out together.
  if (core_.options.ensemble) {
    decided_.run_later();
  } else {
    decided_.run();
  }
}

std::string Server::on_ping(Zxid proposed) {
  exactness_.expect_at(proposed);
  std::vector<SessionTouch> touches;
  for (const auto& [id, timeout_ms] : core_.touches.take()) touches.push_back({id.value(), timeout_ms});
  return wire::encode_session_touches(touches);
}

void Server::on_leader_link_closed() {
  if (transfer_ != nullptr) transfer_->on_leader_gone();
}

void Server::on_learner_link_closed(zab::LinkId link) {
  if (transfer_ != nullptr) transfer_->on_learner_gone(link);
}

void Server::carry_out(zab::Effect& effect) {
  if (const auto* const delivery = std::get_if<zab::Deliver>(&effect)) {
    requests_.deliver(*delivery);
    exactness_.on_applied();
    learner_requests_.on_committed();
  } else if (const auto* const passed = std::get_if<zab::PassToServer>(&effect)) {
    on_packet(*passed);
  } else if (const auto* const serve_as = std::get_if<zab::ServeAs>(&effect)) {
    core_.env.log.info("Serving clients as a member that is {}, in epoch {}", name_of(serve_as->state),
                       serve_as->epoch.value());
    serve(serve_as->state == zab::State::leading ? Role::leader : Role::learner);
  } else if (const auto* const truncate = std::get_if<zab::TruncateLog>(&effect)) {
    transfer_->truncate(*truncate);
  } else if (const auto* const install = std::get_if<zab::InstallSnapshot>(&effect)) {
    transfer_->install(*install);
  } else if (const auto* const stream = std::get_if<zab::StreamSnapshot>(&effect)) {
    transfer_->stream(stream->link);
  }
}

void Server::on_packet(const zab::PassToServer& passed) {
  if (passed.link != zab::LinkId{0}) {
    if (core_.role == Role::leader) learner_requests_.on_packet(passed.link, passed.packet);
    return;
  }
  switch (static_cast<QuorumPacketType>(passed.packet.type)) {
    case QuorumPacketType::sync:
      return requests_.on_synced();
    case QuorumPacketType::revalidate:
      if (const auto reply = wire::decode_revalidate_reply(passed.packet.data))
        sessions_.on_revalidated(SessionId{reply->session}, reply->is_valid);
      return;
    default:
      core_.env.log.warn("The leader sent a packet of type {}, which is unknown; it is ignored", passed.packet.type);
  }
}

void Server::end_event_later() {
  if (end_call_.is_pending()) return;
  event_began_us_ = core_.env.clock.elapsed_us();
  end_call_.post(core_.env.timers, [this] { end_event(); });
}

void Server::admit_throttled() {
  Stopwatch time(core_.clock);
  while (auto waiter = throttle_.next(requests_.in_progress())) {
    ClientConnection* const from = connections_.find(waiter->connection);
    if (from == nullptr) continue;
    throttle_.note_left(*from, waiter->body.size());
    if (from->phase() != ClientConnection::Phase::serving) continue;
    if (throttle_.is_too_late(*waiter)) {
      requests_.refuse(*from, waiter->header, Error::throttled_op);
    } else {
      requests_.submit(*from, waiter->header, waiter->body, waiter->identities);
    }
    if (time.took_us() >= core_.options.limits.turn_us) return end_event_later();
  }
}

void Server::end_event() {
  if (serving_) {
    admit_throttled();
    throttle_.release_held(connections_);
    requests_.release_held();
  }
  connections_.flush_outputs();
  connections_.drop_cut_off();
  connections_.destroy_closed();
  event_bytes_ = 0;
}

}  // namespace quoll::server
