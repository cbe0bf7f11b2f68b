// What every change of the history's files has in common, whether a leader or an operator asks for it.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "server/core.h"
#include "server/journal.h"
#include "server/snapshots.h"
#include "store/data_dirs.h"
#include "store/install_snapshot.h"

namespace quoll::server {

// Calls `change` on a worker when nothing else writes or removes files of the history.
void change_history(Snapshots& snapshots, Journal& journal, Journal::Change change);

// Puts a snapshot that has come whole in the place of the history. For use in such a change, with its worker. `done` is
// called from a later event; with an error, a sentence for people, the process must end. The rest must outlive the call
// of `done`.
void install_received(env::Worker& worker, Core& core, const store::DataDirs& dirs,
                      const store::ReceivedSnapshot& received, store::Loss loss,
                      std::move_only_function<void(std::expected<void, std::string>)> done);

}  // namespace quoll::server
