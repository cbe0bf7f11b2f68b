// Holds what was given against the table's column on what Quoll offers: says of each key without effect why, and of
// each that is not offered what to do, or refuses it.
#pragma once

#include "config/values.h"

namespace quoll::config {

void check_offers(Values& values);

}  // namespace quoll::config
