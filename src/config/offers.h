// Holds what was given against the table's column on what Quoll offers: says of each key without effect why, and of
// each that is not offered what to do, or refuses it.
#pragma once

#include "config/settings.h"
#include "config/values.h"

namespace quoll::config {

void check_offers(Values& values, const Settings& settings);

// Whether the text, as it is read, asks for anything but the default.
bool differs_from_default(const Key& key, std::string_view text);

}  // namespace quoll::config
