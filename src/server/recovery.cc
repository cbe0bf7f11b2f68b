#include "server/recovery.h"

#include <fmt/format.h>

#include "server/state_builder.h"
#include "store/history_note.h"
#include "store/recovery.h"

namespace quoll::server {

std::expected<Recovery, std::string> recover_state(Core& core, store::DataDirs& dirs) {
  const std::int64_t started_ms = core.env.clock.elapsed_ms();
  StateBuilder rebuild(core);
  const auto recovered = store::recover(dirs, core.options.store, core.env.clock.wall_ms(), rebuild);
  if (!recovered) return std::unexpected(recovered.error());
  for (const std::string& report : recovered->reports) core.env.log.warn("{}", report);
  if (core.options.ensemble && recovered->is_fresh && recovered->is_suspect) {
    // The next start finds a database, and could not tell.
    const auto noted = store::write_history_note(core.env.disk, dirs.snapshot_dir(), {});
    if (!noted) return std::unexpected(noted.error().text + ". Free or repair the disk and start again");
  }
  Recovery recovery;
  recovery.state = rebuild.take();
  recovery.state->last_processed = recovered->last;
  recovery.czxid_max = rebuild.czxid_max();
  recovery.session_max = rebuild.session_max();
  recovery.newest = rebuild.take_newest();
  recovery.is_suspect = recovered->is_suspect;
  recovery.may_lack_acknowledged = recovered->may_lack_acknowledged;
  recovery.is_fresh = recovered->is_fresh;
  recovery.was_initialized = recovered->was_initialized;
  recovery.transactions = recovered->transactions;
  recovery.took_ms = core.env.clock.elapsed_ms() - started_ms;
  Metrics& metrics = core.stats.metrics;
  metrics.recovery_ms.add(recovery.took_ms);
  metrics.recovery_snapshot_ms.add(rebuild.snapshot_ms());
  if (!recovered->is_fresh) {
    metrics.recovery_txns.add(recovered->transactions);
    metrics.recovery_txns_ms.add(recovery.took_ms - rebuild.snapshot_ms());
  }
  if (recovered->is_fresh) {
    core.env.log.info("Starting with an empty database in {}", dirs.snapshot_dir());
  } else {
    core.env.log.info("Recovered {} znodes and {} sessions up to zxid 0x{:x} ({} transactions replayed) in {} ms",
                      recovery.state->tree.node_count() - 1, recovery.state->sessions.size(),
                      static_cast<std::uint64_t>(recovered->last.value()), recovered->transactions, recovery.took_ms);
  }
  return recovery;
}

}  // namespace quoll::server
