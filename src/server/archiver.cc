#include "server/archiver.h"

#include "store/archive.h"

namespace quoll::server {

Archiver::Archiver(const Core& core, const store::DataDirs& dirs)
    : core_(core), dirs_(dirs), worker_(core.env.workers.start("archive")) {
  look();
}

void Archiver::look() {
  const std::string& archive = core_.options.snapshots.archive_dir;
  auto archived = std::make_shared<store::Archived>();
  worker_->run([archived, &dirs = dirs_, &archive,
                committed = core_.state.last_processed] { *archived = store::archive_files(dirs, archive, committed); },
               [this, archived, &archive] {
                 timer_ = core_.env.timers.after(kIntervalMs, [this] { look(); });
                 if (!archived->names.empty())
                   core_.env.log.info("Archived {} files in {}, the last of them {}", archived->names.size(), archive,
                                      archived->names.back());
                 if (!archived->error) {
                   if (!last_error_.empty()) core_.env.log.info("{} takes files again", archive);
                   last_error_.clear();
                   return;
                 }
                 const std::int64_t now_ms = core_.env.clock.elapsed_ms();
                 if (archived->error->text == last_error_ && now_ms - warned_ms_ < kWarningMs) return;
                 last_error_ = archived->error->text;
                 warned_ms_ = now_ms;
                 core_.env.log.warn(
                     "Logs and snapshots cannot be archived in {}: {}. The server goes on and tries again; until then "
                     "they are not "
                     "purged, so dataDir grows. Make room in the archive, or mount it",
                     archive, last_error_);
               });
}

}  // namespace quoll::server
