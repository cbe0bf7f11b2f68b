// A point in a history as people write it: a zxid, or a time.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "apps/backup/extract.h"

namespace quoll::apps::backup {

// "0x1000000ff", or in UTC "2026-11-30T09:35:15Z", "2026-11-30T09:35:15.250Z", "2026-11-30 09:35"; empty: no point. The
// error says what to write.
std::expected<Until, std::string> point_of(std::string_view text);

}  // namespace quoll::apps::backup
