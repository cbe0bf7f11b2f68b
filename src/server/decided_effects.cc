#include "server/decided_effects.h"

namespace quoll::server {

namespace {

bool is_service(const zab::Effect& effect) {
  return std::holds_alternative<zab::ServeAs>(effect) || std::holds_alternative<zab::PassToServer>(effect) ||
         std::holds_alternative<zab::StreamSnapshot>(effect);
}

}  // namespace

void DecidedEffects::drop_services() {
  std::erase_if(waiting_, is_service);
}

void DecidedEffects::run() {
  // Carrying out an effect can decide more, which follows in this loop.
  if (waiting_.empty() || std::exchange(is_running_, true)) return;
  Stopwatch time(core_.clock);
  while (!waiting_.empty() && callbacks_.may_go_on()) {
    zab::Effect effect = std::move(waiting_.front());
    waiting_.pop_front();
    callbacks_.carry_out(effect);
    if (time.took_us() >= core_.options.limits.event_us) break;
  }
  is_running_ = false;
  run_later();
  callbacks_.on_portion_end();
}

void DecidedEffects::run_later() {
  if (!waiting_.empty()) call_.post(core_.env.timers, [this] { run(); });
}

}  // namespace quoll::server
