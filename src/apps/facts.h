// What this process knows of itself and its machine, for those who ask by four-letter words.
#pragma once

#include "admin/facts.h"
#include "config/settings.h"
#include "env/disk.h"

namespace quoll::apps {

// `disk` outlives the facts.
admin::Facts process_facts(const config::Settings& settings, env::Disk& disk);

}  // namespace quoll::apps
