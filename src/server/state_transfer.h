// Brings a member's history and state to where its leader wants them, and sends this server's state to learners: what
// agreement asks for by TruncateLog, InstallSnapshot and StreamSnapshot. Nothing else is written to the log meanwhile.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "server/agreement.h"
#include "server/core.h"
#include "server/journal.h"
#include "server/snapshot_stream.h"
#include "server/snapshots.h"
#include "store/data_dirs.h"
#include "store/install_snapshot.h"

namespace quoll::server {

class StateTransfer {
 public:
  using OnFailed = std::function<void(std::string why)>;
  // `on_failed`: the process must end.
  StateTransfer(Core& core, store::DataDirs& dirs, Journal& journal, Snapshots& snapshots, Agreement& agreement,
                OnFailed on_failed);
  ~StateTransfer();

  void truncate(const zab::TruncateLog& truncate);
  void install(const zab::InstallSnapshot& install);
  // The link to the leader has ended: a snapshot that has not come whole never will.
  void on_leader_gone();
  // The state is the one that the SNAP packet named.
  void stream(zab::LinkId link);
  void on_learner_gone(zab::LinkId link) { streams_.erase(link); }

 private:
  class Incoming;
  void on_truncated(const zab::TruncateLog& truncate, Zxid last);
  // The state has come, but what follows it may decide whether something can be lost by it.
  void on_received();
  void finish(store::Loss loss);
  void on_installed();

  Core& core_;
  store::DataDirs& dirs_;
  Journal& journal_;
  Snapshots& snapshots_;
  Agreement& agreement_;
  OnFailed on_failed_;
  std::map<zab::LinkId, std::unique_ptr<SnapshotStream>> streams_;
  std::unique_ptr<Incoming> incoming_;
  env::PostedCall answer_;
  std::unique_ptr<env::Worker> worker_;  // writes what comes; destroyed first, because its jobs use the members above
};

}  // namespace quoll::server
