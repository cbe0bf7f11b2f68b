// What goes wrong in a plan: with its clients, and with the world.
#pragma once

#include "sim/trial/draft.h"

namespace quoll::sim {

// Now, to some client.
void add_client_trouble(Draft& draft);
// Some of these in every plan, at any time up to now.
void add_world_trouble(Draft& draft);
// Each of these in a few plans.
void add_rare_trouble(Draft& draft);

}  // namespace quoll::sim
