#include "server/client_connection.h"

#include <algorithm>

#include "base/release_memory.h"
#include "wire/client_frames.h"

namespace quoll::server {

namespace {

// A buffer larger than this is released when it is empty.
constexpr std::size_t kKeptBytes = 64 * 1024;

std::int32_t length_at(std::string_view bytes) {
  std::int32_t length = 0;
  wire::Reader(bytes.substr(0, 4)).get(length);
  return length;
}

}  // namespace

ClientConnection::ClientConnection(ConnectionId id, std::unique_ptr<env::Connection> connection,
                                   RequestHandler& handler, const Limits& limits, ServerStats& server_stats,
                                   BytesInFlight& in_flight)
    : id_(id),
      connection_(std::move(connection)),
      handler_(handler),
      limits_(limits),
      server_stats_(server_stats),
      in_flight_(in_flight) {
  connection_->attach(*this);
}

ClientConnection::~ClientConnection() {
  forget_owed_events();
  count_in_flight(0);
}

// A connection with nothing queued can always send: it does not wait for others to read their output.
bool ClientConnection::can_take_output() const {
  const std::size_t bytes = connection_->queued_bytes() + out_.size();
  return bytes == 0 || (bytes < limits_.queued_reply_bytes && !in_flight_.is_high());
}

bool ClientConnection::may_read() const {
  return gate_.is_open() && (phase_ == Phase::greeting || phase_ == Phase::serving) && can_take_output();
}

void ClientConnection::on_data(std::string_view bytes) {
  if (phase_ == Phase::closing || phase_ == Phase::answering) return;
  if (in_.empty() && !consuming_) {
    // Usually frames are processed in place, and only an incomplete one is copied.
    const std::size_t used = consume(bytes);
    if (phase_ != Phase::closing) in_.append(bytes.substr(used));
  } else {
    in_.append(bytes);
    read_buffered();
  }
  if (phase_ == Phase::closing) return;
  // Input that may not be processed yet stays in the socket.
  if (is_full() || (!in_.empty() && !may_read() && in_flight_.is_high())) connection_->pause_reading();
  count_buffers();
}

void ClientConnection::read_buffered() {
  if (consuming_) return;
  const std::size_t used = consume(in_);
  in_.erase(0, used);
  if (in_.empty() && in_.capacity() > kKeptBytes) base::release_memory(in_);
  if (phase_ == Phase::closing) return;
  count_buffers();
  if (may_read() && !is_full()) connection_->resume_reading();
}

std::size_t ClientConnection::consume(std::string_view bytes) {
  consuming_ = true;
  in_flight_.refresh();
  std::size_t at = 0;
  Turn turn = handler_.begin_turn();
  const bool was_serving = phase_ == Phase::serving;
  if (!has_turn_ && may_read() && !handler_.has_time(demand_)) wait_for_turn();
  while (may_read() && bytes.size() - at >= 4) {
    if (phase_ == Phase::greeting && handler_.on_word(*this, bytes.substr(at))) {
      at = bytes.size();
      break;
    }
    const std::int32_t length = length_at(bytes.substr(at));
    if (length < 0 || length > limits_.frame_bytes_max) {
      handler_.on_bad_frame(*this, length, bytes.substr(at));
      send_and_close("a frame is malformed or longer than jute.maxbuffer");
      break;
    }
    if (!handler_.admits_frame(*this, length)) {
      send_and_close("too many bytes of large requests are in progress (largeRequestMaxBytes)");
      break;
    }
    if (bytes.size() - at - 4 < static_cast<std::size_t>(length)) break;
    const std::size_t out_before = out_.size();
    take_frame(bytes.substr(at + 4, static_cast<std::size_t>(length)));
    at += 4 + static_cast<std::size_t>(length);
    const std::size_t out_bytes = out_.size() - std::min(out_before, out_.size());
    turn.add(static_cast<std::size_t>(length) + out_bytes);
    if (phase_ == Phase::serving && turn.is_over()) wait_for_turn();
  }
  if (!can_take_output()) waits_for_drain_ = true;
  handler_.on_bytes_processed(turn.bytes());
  if (was_serving && turn.bytes() > 0)
    demand_ = turn.was_short() ? RequestHandler::Demand::small : RequestHandler::Demand::unknown;
  consuming_ = false;
  return at;
}

void ClientConnection::take_frame(std::string_view payload) {
  count_received(4 + payload.size());
  if (phase_ == Phase::greeting) {
    const auto request = wire::decode_connect(payload);
    if (!request) return drop("the connect request is truncated");
    read_only = request->read_only;
    return handler_.on_connect(*this, *request);
  }
  wire::Reader reader(payload);
  RequestHeader header;
  reader.get(header);
  if (!reader.ok()) return send_and_close("a request is shorter than its header");
  handler_.on_request(*this, header, reader.rest());
}

void ClientConnection::begin_serving() {
  phase_ = Phase::serving;
  read_buffered();
}

void ClientConnection::wait_for_turn() {
  if (gate_.is_closed_by(ReadGate::Reason::turn)) return;
  gate_.close(ReadGate::Reason::turn);
  handler_.on_turn_needed(*this);
}

void ClientConnection::take_turn() {
  gate_.open(ReadGate::Reason::turn);
  has_turn_ = true;
  if (phase_ != Phase::closing) {
    handler_.on_turn(*this);
    // The turn may be over.
    if (phase_ != Phase::closing) read_buffered();
  }
  has_turn_ = false;
}

void ClientConnection::release(ReadGate::Reason reason) {
  if (!gate_.is_closed_by(reason)) return;
  gate_.open(reason);
  if (phase_ != Phase::closing) read_buffered();
}

void ClientConnection::release_later(ReadGate::Reason reason) {
  if (!gate_.is_closed_by(reason)) return;
  gate_.open(reason);
  wait_for_turn();
}

bool ClientConnection::is_held() const {
  using enum ReadGate::Reason;
  return is_held_by(outstanding) || is_held_by(throttled) || is_held_by(own_requests);
}

bool ClientConnection::awaits_drain() {
  if (can_take_output()) return false;
  waits_for_drain_ = true;
  return true;
}

const auth::Identities& ClientConnection::first_identities(std::size_t count) {
  if (count >= identities.size()) return identities;
  // Kept for the next queued request: there are many, and most arrived with the same list.
  if (first_identities_.size() != count)
    first_identities_ = {identities.begin(), identities.begin() + static_cast<std::ptrdiff_t>(count)};
  return first_identities_;
}

std::string& ClientConnection::output() {
  take_owed_events();
  if (is_cut_off()) {
    out_.clear();
  } else if (out_.empty()) {
    handler_.on_output(*this);
  }
  return out_;
}

void ClientConnection::flush() {
  if (out_.empty() || is_cut_off()) return;
  if (out_.capacity() > kKeptBytes) {
    std::string all;
    all.swap(out_);
    connection_->send_owned(std::move(all));
  } else {
    connection_->send(out_);
    out_.clear();
  }
  in_flight_.refresh();
  count_buffers();
  if (connection_->queued_bytes() > limits_.queued_bytes_max)
    return drop("the client does not read its replies and events");
  // The connection waited only for this output, and the socket has taken all of it, so on_drained() will not be called.
  if (waits_for_drain_ && phase_ != Phase::closing && can_take_output()) {
    waits_for_drain_ = false;
    wait_for_turn();
  }
}

void ClientConnection::count_in_flight(std::int64_t bytes) {
  in_flight_.add(bytes - counted_);
  counted_ = bytes;
}

void ClientConnection::count_buffers() {
  if (is_cut_off() || phase_ == Phase::closing) return;
  count_in_flight(static_cast<std::int64_t>(in_.size() + out_.size()));
  if (in_flight_.is_too_high()) handler_.on_too_many_bytes();
}

std::size_t ClientConnection::take_next_events() {
  const std::shared_ptr<const EventBatch> next = std::move(owed_events_[taken_events_++]);
  if (taken_events_ == owed_events_.size()) forget_owed_events();
  in_flight_.add_owed_events(-next->cost());
  if (is_cut_off()) return 0;
  if (out_.empty()) handler_.on_output(*this);
  out_ += next->frames;
  count_sent(next->events);
  server_stats_.on_events(*next);
  count_buffers();
  return next->frames.size();
}

void ClientConnection::take_owed_events() {
  while (is_owed_events()) take_next_events();
}

void ClientConnection::forget_owed_events() {
  for (; taken_events_ < owed_events_.size(); ++taken_events_)
    in_flight_.add_owed_events(-owed_events_[taken_events_]->cost());
  std::vector<std::shared_ptr<const EventBatch>>().swap(owed_events_);
  taken_events_ = 0;
}

void ClientConnection::cut_off() {
  gate_.close(ReadGate::Reason::cut_off);
  base::release_memory(out_);
  count_in_flight(-static_cast<std::int64_t>(connection_->queued_bytes()));
}

void ClientConnection::count_received(std::size_t bytes) {
  ++stats.packets_received;
  ++server_stats_.packets_received;
  server_stats_.metrics.bytes_received += static_cast<std::int64_t>(bytes);
}

void ClientConnection::count_sent(std::int64_t packets) {
  stats.packets_sent += packets;
  server_stats_.packets_sent += packets;
}

void ClientConnection::send_connect_response(const ConnectResponse& response) {
  wire::append_connect_response(response, output());
  count_sent(1);
}

std::int64_t ClientConnection::send_reply(const ReplyHeader& header, const ReplyBody* body) {
  std::string& out = output();
  const std::size_t before = out.size();
  wire::append_reply(header, body, out);
  return count_response(out.size() - before);
}

std::int64_t ClientConnection::send_event(const ReplyHeader& header, const WatcherEvent& event) {
  std::string& out = output();
  const std::size_t before = out.size();
  wire::append_event(header, event, out);
  return count_response(out.size() - before);
}

std::int64_t ClientConnection::count_response(std::size_t frame_bytes) {
  const auto bytes = static_cast<std::int64_t>(frame_bytes) - 4;
  count_sent(1);
  server_stats_.on_response(bytes);
  count_buffers();
  return bytes;
}

void ClientConnection::close_after_replies() {
  if (phase_ == Phase::closing) return;
  take_owed_events();
  if (is_cut_off()) return drop("it was closed before its last reply (quoll.bytesInFlightMax)");
  phase_ = Phase::closing;
  flush();
  connection_->close_after_sending();
  count_in_flight(0);
  handler_.on_closed(*this, "closed by the server after its last reply");
}

void ClientConnection::drop(std::string_view why) {
  if (phase_ == Phase::closing) return;
  phase_ = Phase::closing;
  count_in_flight(-static_cast<std::int64_t>(connection_->queued_bytes()));
  handler_.on_closed(*this, why);
}

void ClientConnection::send_and_close(std::string_view why) {
  flush();
  drop(why);
}

void ClientConnection::on_closed(std::string_view why) {
  lost_ = true;
  drop(why);
}

// Clients that send a four-letter word, such as Java's, zkServer.sh and nc, often shut down their sending side
// immediately.
bool ClientConnection::on_end_of_input() {
  return phase_ == Phase::answering;
}

void ClientConnection::on_drained() {
  if (phase_ == Phase::closing) return;
  waits_for_drain_ = false;
  handler_.on_drained(*this);
  if (phase_ != Phase::closing) read_buffered();
}

}  // namespace quoll::server
