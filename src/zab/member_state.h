// What a member keeps over all its roles, and what of it is on stable storage.
#pragma once

#include <cstdint>

#include "types/ids.h"
#include "zab/configuration.h"
#include "zab/history.h"

namespace quoll::zab {

struct Times {
  std::int64_t tick_ms = 2000;
  std::int64_t init_ticks = 10;  // initLimit: for connecting and synchronising
  std::int64_t sync_ticks = 5;   // syncLimit: for silence afterwards
  [[nodiscard]] std::int64_t init_ms() const { return tick_ms * init_ticks; }
  [[nodiscard]] std::int64_t sync_ms() const { return tick_ms * sync_ticks; }
};

struct MemberState {
  ServerId self;
  Configuration configuration;
  Times times;
  History history;
  // As the files have them: they change when the write is done, never before.
  Epoch accepted;
  Epoch current;
  // The highest epoch that a voter is known to have accepted without this server; see Leading::objection_to.
  Epoch accepted_elsewhere;
  // Of the log; grows with every cut.
  std::uint64_t generation = 0;
};

}  // namespace quoll::zab
