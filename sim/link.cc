#include "sim/link.h"

#include <algorithm>

namespace quoll::sim {

namespace {

// Like Linux: what nobody acknowledges is sent again after 200 ms, then after twice as long. Linux goes on to two
// minutes; here less, so that histories need not be as long.
constexpr std::int64_t kFirstAgainUs = 200'000;
constexpr std::int64_t kLastAgainUs = 6'400'000;

std::int64_t next_again(std::int64_t again_us) {
  return again_us == 0 ? kFirstAgainUs : std::min(2 * again_us, kLastAgainUs);
}

}  // namespace

Link::~Link() {
  for (const Counted& counted : counted_) {
    if (counted.total != nullptr) *counted.total -= counted.bytes;
  }
}

void Link::place(Side side, Host& host) {
  ends_[side].host = &host;
  ends_[side].boot = host.boots;
  counted_[side].total = host.queued_bytes;
}

void Link::set_dialled(env::DialHandler& handler) {
  dialled_by_ = &handler;
  ends_[client].handler = &handler;
  pause(client);
}

const std::string& Link::host_name(Side side) const {
  const End& end = ends_[side];
  return end.host != nullptr ? end.host->name : end.address.host;
}

const Route& Link::route_from(Side from) const {
  return network_.route_of(host_name(from), host_name(other(from)));
}

bool Link::lives(Side side) const {
  const End& end = ends_[side];
  return !end.is_reset && (end.host == nullptr || (end.host->has_power && end.host->boots == end.boot));
}

Route::Passage Link::passage_from(Side from) const {
  using enum Route::Passage;
  const Route::Passage there = route_from(from).passage;
  if (there != open) return there;
  const Host* const to = ends_[other(from)].host;
  return to != nullptr && !to->has_power ? silent : open;
}

void Link::send(Side from, std::string_view bytes) {
  End& end = ends_[from];
  if (end.closed || end.closing || end.is_reset || is_cut_) return;
  network_.scheduler_.note(bytes);
  if (end.host != nullptr) {
    ++network_.server_sends;
    network_.server_bytes += static_cast<std::int64_t>(bytes.size());
  }
  end.queued += bytes;
  refill(from);
  schedule_delivery(from);
}

void Link::refill(Side from) {
  End& end = ends_[from];
  const std::size_t taken = end.in_flight.size() + end.unacked;
  const std::size_t room = network_.window_bytes - std::min(network_.window_bytes, taken);
  const std::size_t count = std::min(room, end.queued.size());
  end.in_flight.append(end.queued, 0, count);
  end.queued.erase(0, count);
  count_queued(from);
}

void Link::count_queued(Side side) {
  Counted& counted = counted_[side];
  if (counted.total == nullptr) return;
  *counted.total += ends_[side].queued.size() - counted.bytes;
  counted.bytes = ends_[side].queued.size();
}

void Link::schedule_delivery(Side from) {
  End& end = ends_[from];
  if (end.delivery_scheduled || is_cut_ || silent_) return;
  const bool at_end = end.in_flight.empty() && end.queued.empty();
  if (at_end && (end.end_told || !ends(from))) return;
  // Only an acknowledgement makes room.
  if (!at_end && end.in_flight.empty()) return;
  // A paused reader does not see the end of the stream before it has read the bytes before it.
  if (!at_end && ends_[other(from)].paused) return;
  end.delivery_scheduled = true;
  network_.scheduler_.after(network_.draw_latency_us(route_from(from)),
                            [self = shared_from_this(), from] { self->arrive(from); });
}

void Link::arrive(Side from) {
  End& end = ends_[from];
  // What a machine without power has not sent yet is lost.
  if (!lives(from)) return;
  switch (passage_from(from)) {
    case Route::Passage::silent:
      if (is_cut_ || silent_) return;
      end.again_us = next_again(end.again_us);
      network_.scheduler_.after(end.again_us, [self = shared_from_this(), from] { self->arrive(from); });
      return;
    case Route::Passage::refused:
      return reset(from);
    case Route::Passage::open:
      end.again_us = 0;
  }
  if (!lives(other(from))) return reset(from);
  at(other(from), [self = shared_from_this(), from] {
    self->ends_[from].delivery_scheduled = false;
    if (!self->is_cut_ && !self->silent_) self->deliver(from);
  });
}

void Link::at(Side side, std::move_only_function<void()> call) {
  if (ends_[side].host == nullptr) return call();
  ends_[side].host->loop.pass(Gate::Kind::other, std::move(call));
}

void Link::deliver(Side from) {
  End& end = ends_[from];
  End& to = ends_[other(from)];
  if (end.in_flight.empty()) {
    if (!ends(from) || end.end_told) return;
    if (to.handler == nullptr && !to.closed && !to.closing) return;  // not accepted yet
    end.end_told = true;
    if (!end.closed && to.handler != nullptr && to.handler->on_end_of_input()) return;
    if (auto* const handler = std::exchange(to.handler, nullptr); handler != nullptr)
      handler->on_closed("the peer closed the connection");
    return;
  }
  if (to.paused) return;
  base::Prng& chance = network_.scheduler_.chance();
  const std::size_t all = end.in_flight.size();
  const std::size_t count = chance.below(2) == 0 ? all : 1 + static_cast<std::size_t>(chance.below(all));
  const std::string slice = end.in_flight.substr(0, count);
  end.in_flight.erase(0, count);
  const bool had_queue = !end.queued.empty();
  const bool is_acked = passage_from(other(from)) == Route::Passage::open;
  if (!is_acked) end.unacked += count;
  refill(from);
  network_.scheduler_.note(slice);
  if (to.handler != nullptr) to.handler->on_data(slice);
  if (had_queue && end.queued.empty()) tell_drained(from);
  schedule_delivery(from);
  if (!is_acked) await_ack(from);
}

void Link::tell_drained(Side side) {
  at(side, [self = shared_from_this(), side] {
    const End& drained = self->ends_[side];
    if (drained.handler != nullptr && !drained.closing) drained.handler->on_drained();
  });
}

void Link::await_ack(Side from) {
  End& end = ends_[from];
  if (end.awaits_ack) return;
  end.awaits_ack = true;
  network_.scheduler_.after(kFirstAgainUs, [self = shared_from_this(), from] {
    End& waiting = self->ends_[from];
    waiting.awaits_ack = false;
    if (self->is_cut_ || self->silent_ || !self->lives(from)) return;
    if (self->passage_from(other(from)) != Route::Passage::open) return self->await_ack(from);
    waiting.unacked = 0;
    const bool had_queue = !waiting.queued.empty();
    self->refill(from);
    if (had_queue && waiting.queued.empty()) self->tell_drained(from);
    self->schedule_delivery(from);
  });
}

void Link::connect() {
  if (ends_[client].handler == nullptr) return;
  is_connected_ = true;
  dialled_by_->on_connected();
  resume(client);
}

void Link::fail_to_connect(const std::string& why) {
  if (is_connected_) return;
  if (auto* const handler = std::exchange(ends_[client].handler, nullptr); handler != nullptr) handler->on_closed(why);
}

void Link::close(Side side) {
  End& end = ends_[side];
  end.handler = nullptr;
  // If an orderly close has begun, the rest is still sent.
  if (!end.closing) end.queued.clear();
  count_queued(side);
  end.closed = true;
  // A peer that still sends is told again.
  if (end.finished) end.end_told = false;
  // This end does not read any more: received bytes are dropped, so that the sender's queue drains.
  end.paused = false;
  schedule_delivery(side);
  schedule_delivery(other(side));
}

void Link::finish(Side side) {
  ends_[side].finished = true;
  schedule_delivery(side);
}

void Link::close_after_sending(Side side) {
  End& end = ends_[side];
  end.closing = true;
  end.handler = nullptr;
  schedule_delivery(side);
}

void Link::resume(Side side) {
  ends_[side].paused = false;
  schedule_delivery(other(side));
}

void Link::reset(Side side) {
  End& end = ends_[side];
  if (end.is_reset) return;
  end.is_reset = true;
  end.in_flight.clear();
  end.queued.clear();
  count_queued(side);
  at(side, [self = shared_from_this(), side] {
    if (auto* const handler = std::exchange(self->ends_[side].handler, nullptr); handler != nullptr)
      handler->on_closed("Connection reset by peer");
  });
}

void Link::cut() {
  if (is_cut_) return;
  is_cut_ = true;
  for (const Side side : {client, server}) {
    ends_[side].in_flight.clear();
    ends_[side].queued.clear();
    count_queued(side);
    network_.scheduler_.after(network_.draw_latency_us({}), [self = shared_from_this(), side] {
      self->at(side, [self, side] {
        if (auto* const handler = std::exchange(self->ends_[side].handler, nullptr); handler != nullptr)
          handler->on_closed("Connection reset by peer");
      });
    });
  }
}

}  // namespace quoll::sim
