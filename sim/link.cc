#include "sim/link.h"

#include <algorithm>

namespace quoll::sim {

void Link::send(Side from, std::string_view bytes) {
  End& end = ends_[from];
  if (end.closed || end.closing || is_cut_) return;
  network_.scheduler_.note(bytes);
  if (from == server) {
    ++network_.server_sends;
    network_.server_bytes += static_cast<std::int64_t>(bytes.size());
  }
  end.queued += bytes;
  refill(from);
  schedule_delivery(from);
}

void Link::refill(Side from) {
  End& end = ends_[from];
  const std::size_t room = network_.window_bytes - std::min(network_.window_bytes, end.in_flight.size());
  const std::size_t count = std::min(room, end.queued.size());
  end.in_flight.append(end.queued, 0, count);
  end.queued.erase(0, count);
  count_queued();
}

void Link::count_queued() {
  *queued_bytes_ += ends_[server].queued.size() - counted_bytes_;
  counted_bytes_ = ends_[server].queued.size();
}

void Link::schedule_delivery(Side from) {
  End& end = ends_[from];
  if (end.delivery_scheduled || is_cut_ || silent_) return;
  const bool at_end = end.in_flight.empty() && end.queued.empty();
  if (at_end && (end.end_told || !ends(from))) return;
  // A paused reader does not see the end of the stream before it has read the bytes before it.
  if (!at_end && ends_[other(from)].paused) return;
  end.delivery_scheduled = true;
  network_.scheduler_.after(network_.draw_latency_us(), [self = shared_from_this(), from] {
    self->at(other(from), [self, from] {
      self->ends_[from].delivery_scheduled = false;
      if (!self->is_cut_ && !self->silent_) self->deliver(from);
    });
  });
}

void Link::at(Side side, std::move_only_function<void()> call) {
  if (side == client) return call();
  network_.scheduler_.process().pass(Gate::Kind::other, std::move(call));
}

void Link::deliver(Side from) {
  End& end = ends_[from];
  End& to = ends_[other(from)];
  if (end.in_flight.empty()) {
    if (!ends(from) || end.end_told) return;
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
  refill(from);
  network_.scheduler_.note(slice);
  if (to.handler != nullptr) to.handler->on_data(slice);
  if (had_queue && end.queued.empty()) {
    at(from, [self = shared_from_this(), from] {
      const End& drained = self->ends_[from];
      if (drained.handler != nullptr && !drained.closing) drained.handler->on_drained();
    });
  }
  schedule_delivery(from);
}

void Link::close(Side side) {
  End& end = ends_[side];
  end.handler = nullptr;
  // If an orderly close has begun, the rest is still sent.
  if (!end.closing) end.queued.clear();
  count_queued();
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

void Link::cut() {
  if (is_cut_) return;
  is_cut_ = true;
  for (End& end : ends_) {
    end.in_flight.clear();
    end.queued.clear();
  }
  count_queued();
  for (const Side side : {client, server}) {
    network_.scheduler_.after(network_.draw_latency_us(), [self = shared_from_this(), side] {
      self->at(side, [self, side] {
        if (auto* const handler = std::exchange(self->ends_[side].handler, nullptr); handler != nullptr)
          handler->on_closed("Connection reset by peer");
      });
    });
  }
}

}  // namespace quoll::sim
