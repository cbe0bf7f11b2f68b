#include "server/history_change.h"

#include <memory>
#include <utility>

namespace quoll::server {

void change_history(Snapshots& snapshots, Journal& journal, Journal::Change change) {
  snapshots.pause([&journal, change = std::move(change)]() mutable { journal.hand_over(std::move(change)); });
}

void install_received(env::Worker& worker, Core& core, const store::DataDirs& dirs,
                      const store::ReceivedSnapshot& received, store::Loss loss,
                      std::move_only_function<void(std::expected<void, std::string>)> done) {
  auto result = std::make_shared<std::expected<store::Reports, std::string>>();
  worker.run([result, received, loss, &dirs,
              wall_ms = core.env.clock.wall_ms()] { *result = store::install_snapshot(dirs, received, loss, wall_ms); },
             [result, &log = core.env.log, done = std::move(done)]() mutable {
               if (!*result) return done(std::unexpected(result->error()));
               for (const std::string& report : **result) log.warn("{}", report);
               done({});
             });
}

}  // namespace quoll::server
