// Compares the given keys with what Quoll offers: reports why a key has no effect, and what to do about keys that are
// not offered, or refuses them.
#pragma once

#include "config/settings.h"
#include "config/values.h"

namespace quoll::config {

void check_offers(Values& values, const Settings& settings);

// Whether the text differs from the default in meaning.
bool differs_from_default(const Key& key, std::string_view text);

}  // namespace quoll::config
