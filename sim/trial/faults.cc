#include "sim/trial/faults.h"

#include <algorithm>
#include <cerrno>

namespace quoll::sim {

namespace {

// Adds an item at a random time of the plan.
Item& add_sometime(Draft& draft, Item::Kind kind) {
  Item& item = draft.add(kind);
  item.at_us = draft.between(0, draft.now_us);
  return item;
}

std::int64_t some_amount(Draft& draft, Item::Kind kind) {
  using enum Item::Kind;
  switch (kind) {
    case kill_after:
    case power_off_after:
      return draft.between(1, 60);
    case hang_disk:
      return draft.between(1000, 3'000'000);
    case slow_disk:
      return draft.between(100, 50'000);
    case slow_network:
      return draft.between(100, 100'000);
    case set_clock:
      return draft.between(-86'400'000, 86'400'000);
    case log_error:
      return EIO;
    case snapshot_error:
      return draft.one_in(2) ? EIO : ENOSPC;
    default:
      return 0;
  }
}

}  // namespace

void add_client_fault(Draft& draft) {
  using enum Item::Kind;
  Item& item = draft.add(draft.pick({hang_up, cut, silence, move, forget, stop_reading, half_request}));
  item.client = draft.some_client();
  item.amount = draft.between(100, draft.one_in(5) ? 3'000'000 : 200'000);
  item.ask = ask_of(OpCode::create, "/torn");
}

void add_world_faults(Draft& draft) {
  using enum Item::Kind;
  const std::size_t count = draft.chance.below(7);
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t at_us = draft.between(0, draft.now_us);
    Item& item =
        draft.add(draft.pick({kill, kill_after, kill_after, power_cut, power_cut_torn, power_off_after, power_off_after,
                              hang_disk, slow_disk, slow_network, set_clock, log_error, snapshot_error}));
    item.at_us = at_us;
    item.amount = some_amount(draft, item.kind);
    if (item.kind != log_error) continue;
    item.alone = draft.one_in(2);
    // A sync that fails with ENOSPC has lost unknown data; it must not be treated like a write that can be repeated.
    if (item.alone && draft.one_in(2)) item.amount = ENOSPC;
  }
}

void add_rare_faults(Draft& draft) {
  using enum Item::Kind;
  if (draft.one_in(6)) {
    Item& item = add_sometime(draft, lossy_network);
    item.amount = draft.between(1, 200);
  }
  if (draft.one_in(4)) {
    Item& item = add_sometime(draft, full_disk);
    item.amount = draft.between(1000, 4'000'000);
  }
  if (draft.one_in(6)) add_sometime(draft, repeat_clock);
  if (draft.one_in(6)) {
    Item& item = add_sometime(draft, kill_then_power_cut);
    item.amount = draft.between(1, 60);
  }
  if (draft.one_in(4)) {
    Item& item = add_sometime(draft, stand_still);
    // Suspended for a little longer than a timeout: then it matters that input is read before sessions expire.
    const ClientPlan& client = draft.plan.clients[static_cast<std::size_t>(draft.some_client())];
    const std::int64_t timeout_ms = std::max(1000, client.timeout_ms);
    item.amount = draft.between(timeout_ms * 900, timeout_ms * 1'350);
  }
  if (draft.one_in(4)) add_sometime(draft, spoil_snapshot);
  if (draft.one_in(6)) {
    Item& item = add_sometime(draft, read_error);
    item.amount = EIO;
    item.alone = draft.one_in(2);
  }
  if (draft.one_in(6)) {
    Item& item = add_sometime(draft, wrong_password);
    item.client = draft.some_client();
  }
  if (draft.one_in(4)) add_sometime(draft, spoil_log);
  if (draft.one_in(4)) {
    Item& item = add_sometime(draft, spoil_mark);
    item.alone = draft.one_in(2);
  }
  if (draft.one_in(4)) {
    Item& item = add_sometime(draft, read_error_later);
    item.amount = draft.between(0, 30);
  }
}

}  // namespace quoll::sim
