#include "client/link.h"

#include <algorithm>
#include <fmt/format.h>

#include "wire/client_side_frames.h"
#include "wire/jute.h"

namespace quoll::client {

namespace {
constexpr std::int64_t kUsOfMs = 1000;
constexpr std::size_t kLengthBytes = 4;
}  // namespace

Link::Link(const World& world, LinkOwner& owner, const Options& options, const Endpoint& server,
           std::int64_t connect_timeout_ms, std::string greeting)
    : world_(world),
      owner_(&owner),
      server_(server),
      reply_bytes_max_(options.reply_bytes_max),
      greeting_(std::move(greeting)),
      heard_us_(world.clock.elapsed_us()) {
  env::DialOptions dial;
  dial.host = server.host;
  dial.port = server.port;
  dial.timeout_ms = connect_timeout_ms;
  dial.security = options.security;
  timer_ = world_.timers.after(connect_timeout_ms, [this, connect_timeout_ms] {
    end(fmt::format("the server has not answered within {} ms", connect_timeout_ms));
  });
  connection_ = world_.dialer.dial(dial, *this);
}

std::string& Link::out() {
  flush_.post(world_.timers, [this] { flush(); });
  return out_;
}

std::size_t Link::queued_bytes() const {
  return out_.size() + (connection_ == nullptr ? 0 : connection_->queued_bytes());
}

std::string Link::server() const {
  const bool is_v6 = server_.host.contains(':');
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", server_.host, is_v6 ? "]" : "", server_.port);
}

std::optional<std::int64_t> Link::take_ping() {
  if (pings_us_.empty()) return std::nullopt;
  const std::int64_t sent_us = pings_us_.front();
  pings_us_.pop_front();
  return sent_us;
}

void Link::flush() {
  if (is_over_ || out_.empty()) return;
  sent_us_ = world_.clock.elapsed_us();
  constexpr std::size_t kKeptBytes = 64 * 1024;
  if (out_.size() > kKeptBytes) {
    connection_->send_owned(std::exchange(out_, {}));
  } else {
    connection_->send(out_);
    out_.clear();
  }
}

void Link::close_after_sending() {
  flush();
  is_over_ = true;
  timer_.reset();
  connection_->close_after_sending();
}

void Link::on_connected() {
  greeted_us_ = world_.clock.elapsed_us();
  connection_->send(greeting_);
}

void Link::on_data(std::string_view bytes) {
  heard_us_ = world_.clock.elapsed_us();
  if (is_over_ || is_broken_) return;
  if (in_.empty()) {
    in_.append(bytes.substr(take_frames(bytes)));
  } else {
    in_.append(bytes);
    in_.erase(0, take_frames(in_));
  }
}

std::size_t Link::take_frames(std::string_view bytes) {
  std::size_t at = 0;
  while (!is_over_ && !is_broken_ && bytes.size() - at >= kLengthBytes) {
    std::int32_t length = 0;
    wire::Reader(bytes.substr(at)).get(length);
    if (length < 0 || static_cast<std::size_t>(length) > reply_bytes_max_) {
      end_later(
          fmt::format("the server sent a frame of {} bytes; this is no ZooKeeper server, or a reply is longer than "
                      "the limit of {} bytes",
                      length, reply_bytes_max_));
      break;
    }
    const std::size_t whole = kLengthBytes + static_cast<std::size_t>(length);
    if (bytes.size() - at < whole) break;
    if (!take_frame(bytes.substr(at + kLengthBytes, whole - kLengthBytes))) break;
    at += whole;
  }
  return at;
}

bool Link::take_frame(std::string_view payload) {
  if (!is_open_) {
    const auto response = wire::decode_connect_response(payload);
    if (!response) {
      // Apache's servers without a quorum answer so if they have no sessions of their own (localSessionsEnabled).
      ReplyHeader refusal;
      wire::Reader reader(payload);
      reader.get(refusal);
      if (reader.ok() && reader.remaining() == 0 && refusal.err != 0) {
        end_later(fmt::format("the server refused the session: {}", name(static_cast<Error>(refusal.err))));
      } else {
        end_later("the server's answer to the connect request is cut short");
      }
      return false;
    }
    is_open_ = true;
    timer_.reset();
    owner_->on_link_open(*response);
    return true;
  }
  std::string why;
  if (owner_->on_link_frame(payload, why)) return true;
  end_later(std::move(why));
  return false;
}

void Link::keep_alive(std::int64_t session_timeout_ms) {
  session_timeout_us_ = session_timeout_ms * kUsOfMs;
  sent_us_ = world_.clock.elapsed_us();
  watch_silence();
}

void Link::watch_silence() {
  const std::int64_t now = world_.clock.elapsed_us();
  const std::int64_t ping = sent_us_ + session_timeout_us_ / 3;
  const std::int64_t silent = heard_us_ + session_timeout_us_ * 2 / 3;
  const std::int64_t left_us = std::max<std::int64_t>(std::min(ping, silent) - now, 0);
  timer_ = world_.timers.after((left_us + kUsOfMs - 1) / kUsOfMs, [this] { on_tick(); });
}

void Link::on_tick() {
  if (is_over_) return;
  const std::int64_t now = world_.clock.elapsed_us();
  if (now >= heard_us_ + session_timeout_us_ * 2 / 3)
    return end(fmt::format("the server has said nothing for {} ms, two thirds of the session timeout",
                           (now - heard_us_) / kUsOfMs));
  if (now >= sent_us_ + session_timeout_us_ / 3) {
    wire::append_request({kPingXid, static_cast<std::int32_t>(OpCode::ping)}, EmptyRequest{}, out_);
    pings_us_.push_back(now);
    flush();
  }
  watch_silence();
}

void Link::on_closed(std::string_view why) {
  end(std::string(why));
}

void Link::end(std::string why) {
  if (is_over_) return;
  is_over_ = true;
  timer_.reset();
  owner_->on_link_down(why);  // may destroy this
}

// Inside of on_data the link must live.
void Link::end_later(std::string why) {
  is_broken_ = true;
  end_.post(world_.timers, [this, why = std::move(why)] { end(why); });
}

}  // namespace quoll::client
