#include "server/client_connection.h"

#include <algorithm>

#include "base/release_memory.h"
#include "wire/client_frames.h"

namespace quoll::server {

namespace {

// Buffers that grew for a burst are given back.
constexpr std::size_t kKeptBytes = 64 * 1024;

std::int32_t length_at(std::string_view bytes) {
  std::int32_t length = 0;
  wire::Reader(bytes.substr(0, 4)).get(length);
  return length;
}

}  // namespace

ClientConnection::ClientConnection(ConnectionId id, std::unique_ptr<env::Connection> connection, FrontDesk& desk,
                                   const Limits& limits, ServerStats& server_stats, BytesInFlight& in_flight)
    : id_(id),
      connection_(std::move(connection)),
      desk_(desk),
      limits_(limits),
      server_stats_(server_stats),
      in_flight_(in_flight) {
  connection_->attach(*this);
}

ClientConnection::~ClientConnection() {
  count_in_flight(0);
}

// Who takes all that it is sent always has room: nobody waits for others to read theirs.
bool ClientConnection::has_room() const {
  const std::size_t bytes = connection_->queued_bytes() + out_.size();
  return bytes == 0 || (bytes < limits_.queued_reply_bytes && !in_flight_.is_high());
}

bool ClientConnection::may_read() const {
  return gate_.is_open() && (phase_ == Phase::greeting || phase_ == Phase::serving) && has_room();
}

void ClientConnection::on_data(std::string_view bytes) {
  if (phase_ == Phase::closing || phase_ == Phase::answering) return;
  if (in_.empty() && !consuming_) {
    // The usual case: frames are read where they lie, only a cut one is kept.
    const std::size_t used = consume(bytes);
    if (phase_ != Phase::closing) in_.append(bytes.substr(used));
  } else {
    in_.append(bytes);
    read_buffered();
  }
  if (phase_ == Phase::closing) return;
  // What a client sends faster than it may is left in its own socket.
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
  in_flight_.look();
  std::size_t at = 0;
  Turn turn = desk_.begin_turn();
  const bool was_serving = phase_ == Phase::serving;
  if (!has_turn_ && may_read() && !desk_.has_time(demand_)) wait_for_turn();
  while (may_read() && bytes.size() - at >= 4) {
    if (phase_ == Phase::greeting && desk_.on_word(*this, bytes.substr(at))) {
      at = bytes.size();
      break;
    }
    const std::int32_t length = length_at(bytes.substr(at));
    if (length < 0 || length > limits_.frame_bytes_max) {
      desk_.on_bad_frame(*this, length, bytes.substr(at));
      hang_up("a frame is malformed or longer than jute.maxbuffer");
      break;
    }
    if (!desk_.admits_frame(*this, length)) {
      hang_up("too many bytes of large requests are under way (largeRequestMaxBytes)");
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
  if (!has_room()) waits_for_room_ = true;
  desk_.on_work(turn.bytes());
  if (was_serving && turn.bytes() > 0)
    demand_ = turn.was_short() ? FrontDesk::Demand::small : FrontDesk::Demand::unknown;
  consuming_ = false;
  return at;
}

void ClientConnection::take_frame(std::string_view payload) {
  count_received(4 + payload.size());
  if (phase_ == Phase::greeting) {
    const auto request = wire::decode_connect(payload);
    if (!request) return drop("the connect request is cut short");
    read_only = request->read_only;
    return desk_.on_connect(*this, *request);
  }
  wire::Reader reader(payload);
  RequestHeader header;
  reader.get(header);
  if (!reader.ok()) return hang_up("a request is shorter than its header");
  desk_.on_request(*this, header, reader.rest());
}

void ClientConnection::begin_serving() {
  phase_ = Phase::serving;
  read_buffered();
}

void ClientConnection::wait_for_turn() {
  if (gate_.is_closed_by(ReadGate::Reason::turn)) return;
  gate_.close(ReadGate::Reason::turn);
  desk_.on_more(*this);
}

void ClientConnection::take_turn() {
  gate_.open(ReadGate::Reason::turn);
  has_turn_ = true;
  if (phase_ != Phase::closing) {
    desk_.on_turn(*this);
    // The turn may have been used up.
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

bool ClientConnection::awaits_room() {
  if (has_room()) return false;
  waits_for_room_ = true;
  return true;
}

const auth::Identities& ClientConnection::first_identities(std::size_t count) {
  if (count >= identities.size()) return identities;
  // Kept for the next request that waits: they are many, and mostly came with the same list.
  if (first_identities_.size() != count)
    first_identities_ = {identities.begin(), identities.begin() + static_cast<std::ptrdiff_t>(count)};
  return first_identities_;
}

std::string& ClientConnection::output() {
  if (is_given_up()) {
    out_.clear();
  } else if (out_.empty()) {
    desk_.on_output(*this);
  }
  return out_;
}

void ClientConnection::flush() {
  if (out_.empty() || is_given_up()) return;
  if (out_.capacity() > kKeptBytes) {
    std::string all;
    all.swap(out_);
    connection_->send_owned(std::move(all));
  } else {
    connection_->send(out_);
    out_.clear();
  }
  in_flight_.look();
  count_buffers();
  if (connection_->queued_bytes() > limits_.queued_bytes_max)
    return drop("the client does not read its replies and events");
  // It waited for this output alone, and the socket has taken it: nobody else will call.
  if (waits_for_room_ && phase_ != Phase::closing && has_room()) {
    waits_for_room_ = false;
    wait_for_turn();
  }
}

void ClientConnection::count_in_flight(std::int64_t bytes) {
  in_flight_.add(bytes - counted_);
  counted_ = bytes;
}

void ClientConnection::count_buffers() {
  if (is_given_up() || phase_ == Phase::closing) return;
  count_in_flight(static_cast<std::int64_t>(in_.size() + out_.size()));
  if (in_flight_.is_too_high()) desk_.on_flood();
}

void ClientConnection::give_up() {
  gate_.close(ReadGate::Reason::given_up);
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
  if (is_given_up()) return drop("it was given up before its last reply");
  phase_ = Phase::closing;
  flush();
  connection_->close_after_sending();
  count_in_flight(0);
  desk_.on_gone(*this, "closed by the server after its last reply");
}

void ClientConnection::drop(std::string_view why) {
  if (phase_ == Phase::closing) return;
  phase_ = Phase::closing;
  count_in_flight(-static_cast<std::int64_t>(connection_->queued_bytes()));
  desk_.on_gone(*this, why);
}

void ClientConnection::hang_up(std::string_view why) {
  flush();
  drop(why);
}

void ClientConnection::on_closed(std::string_view why) {
  lost_ = true;
  drop(why);
}

// Who asks by a four-letter word has often nothing more to send, and ends its side at once, as Java's client of them,
// zkServer.sh and nc do.
bool ClientConnection::on_end_of_input() {
  return phase_ == Phase::answering;
}

void ClientConnection::on_drained() {
  if (phase_ == Phase::closing) return;
  waits_for_room_ = false;
  desk_.on_room(*this);
  if (phase_ != Phase::closing) read_buffered();
}

}  // namespace quoll::server
