#include "server/state_transfer.h"

#include <fmt/format.h>
#include <optional>
#include <utility>

#include "server/history_change.h"
#include "server/recovery.h"
#include "server/state_builder.h"
#include "store/snapshot_receiver.h"
#include "store/truncate.h"
#include "zab/sync_plan.h"

namespace quoll::server {

// The leader's snapshot while it comes: its bytes become a file and a state at the same time.
class StateTransfer::Incoming : public quorum::SnapshotSink {
 public:
  Incoming(StateTransfer& transfer, const zab::InstallSnapshot& asked)
      : transfer_(transfer),
        asked_(asked),
        builder_(transfer.core_),
        receiver_(transfer.dirs_, *transfer.worker_, transfer.core_.options.store, asked.at, builder_) {
    give_up_if_silent_later(silence_max_ms());
  }

  std::expected<std::size_t, std::string> take(std::string_view bytes) override {
    heard_ms_ = transfer_.core_.env.clock.elapsed_ms();
    auto taken = receiver_.take(bytes);
    if (taken && receiver_.is_complete()) {
      transfer_.on_received();
    } else if (taken && pending_bytes() > quorum::LeaderLink::kPendingBytesMax) {
      resume_later();
    }
    return taken;
  }
  [[nodiscard]] bool is_complete() const override { return receiver_.is_complete(); }
  [[nodiscard]] std::size_t pending_bytes() const override { return receiver_.pending_bytes(); }

  // The link is not read while much is in memory; nobody tells when the disk has taken it.
  void resume_later() {
    constexpr std::int64_t kWaitMs = 2;
    if (wait_ != nullptr) return;
    wait_ = transfer_.core_.env.timers.after(kWaitMs, [this] {
      wait_.reset();
      if (pending_bytes() > quorum::LeaderLink::kPendingBytesMax) return resume_later();
      heard_ms_ = transfer_.core_.env.clock.elapsed_ms();
      transfer_.agreement_.leader_link().resume_reading();
    });
  }

  [[nodiscard]] const zab::InstallSnapshot& asked() const { return asked_; }
  [[nodiscard]] StateBuilder& builder() { return builder_; }
  [[nodiscard]] store::SnapshotReceiver& receiver() { return receiver_; }
  // Known when it is on its way to its place: from then on nothing stops it.
  [[nodiscard]] const std::optional<store::Loss>& loss() const { return loss_; }
  void go_on_with(store::Loss loss) { loss_ = loss; }

 private:
  // As long as the leader may be silent at any other step of a synchronisation.
  [[nodiscard]] std::int64_t silence_max_ms() const { return transfer_.core_.options.ensemble->times.init_ms(); }

  // A leader whose machine is gone closes nothing, and a learner that only receives never finds out.
  void give_up_if_silent_later(std::int64_t delay_ms) {
    silence_ = transfer_.core_.env.timers.after(delay_ms, [this] {
      if (loss_) return;
      const bool is_reading = wait_ == nullptr;
      const std::int64_t silent_ms = is_reading ? transfer_.core_.env.clock.elapsed_ms() - heard_ms_ : 0;
      if (silent_ms < silence_max_ms()) return give_up_if_silent_later(silence_max_ms() - silent_ms);
      transfer_.agreement_.leader_link().give_up(
          fmt::format("nothing of its state has come for {} ms (initLimit)", silent_ms));
    });
  }

  StateTransfer& transfer_;
  const zab::InstallSnapshot asked_;
  StateBuilder builder_;
  store::SnapshotReceiver receiver_;
  std::optional<store::Loss> loss_;
  std::unique_ptr<env::Timer> wait_;
  std::unique_ptr<env::Timer> silence_;
  std::int64_t heard_ms_ = transfer_.core_.env.clock.elapsed_ms();
};

StateTransfer::StateTransfer(Core& core, store::DataDirs& dirs, Journal& journal, Snapshots& snapshots,
                             Agreement& agreement, OnFailed on_failed)
    : core_(core),
      dirs_(dirs),
      journal_(journal),
      snapshots_(snapshots),
      agreement_(agreement),
      on_failed_(std::move(on_failed)),
      worker_(core.env.workers.start("transfer")) {}

StateTransfer::~StateTransfer() {
  incoming_.reset();  // it has a last job for the worker
}

// ---- TRUNC.

void StateTransfer::truncate(const zab::TruncateLog& truncate) {
  core_.env.log.warn("The leader's history ends at 0x{:x}: cutting off what this server has beyond",
                     static_cast<std::uint64_t>(truncate.to.value()));
  change_history(snapshots_, journal_, [this, truncate](env::Worker& worker) {
    auto result = std::make_shared<std::expected<store::Truncation, std::string>>();
    worker.run([result, truncate, &dirs = dirs_,
                wall_ms = core_.env.clock.wall_ms()] { *result = store::truncate_history(dirs, truncate.to, wall_ms); },
               [this, result, truncate] {
                 if (!*result) return on_failed_(result->error());
                 for (const std::string& report : (*result)->reports) core_.env.log.warn("{}", report);
                 on_truncated(truncate, (*result)->last);
               });
  });
}

void StateTransfer::on_truncated(const zab::TruncateLog& truncate, Zxid last) {
  journal_.restart(last, truncate.generation);
  snapshots_.resume();
  if (truncate.rebuild || last != truncate.to) {
    auto recovery = recover_state(core_, dirs_);
    if (!recovery) return on_failed_(recovery.error());
    core_.state = std::move(*recovery->state);
    core_.recovered_czxid_max = recovery->czxid_max;
  }
  agreement_.tell(zab::Truncated{last});
}

// ---- SNAP.

void StateTransfer::install(const zab::InstallSnapshot& install) {
  core_.env.log.info("Receiving the state of the leader at 0x{:x}", static_cast<std::uint64_t>(install.at.value()));
  incoming_ = std::make_unique<Incoming>(*this, install);
  if (!agreement_.leader_link().is_open()) return on_leader_gone();
  agreement_.leader_link().receive_snapshot(*incoming_);
}

void StateTransfer::on_leader_gone() {
  if (incoming_ == nullptr || incoming_->loss()) return;
  core_.env.log.warn("The leader's state has not come whole; this server keeps its own");
  incoming_.reset();
  answer_.post(core_.env.timers, [this] { agreement_.tell(zab::SnapshotAborted{}); });
}

void StateTransfer::on_received() {
  const zab::InstallSnapshot& asked = incoming_->asked();
  if (asked.had <= asked.at) return finish(store::Loss::none);
  agreement_.leader_link().show_next([this](const zab::Packet& next) {
    const zab::InstallSnapshot& install = incoming_->asked();
    finish(zab::may_lack(install.had, install.at, next) ? store::Loss::possible : store::Loss::none);
  });
}

void StateTransfer::finish(store::Loss loss) {
  incoming_->go_on_with(loss);
  incoming_->receiver().finish([this, loss](std::expected<store::ReceivedSnapshot, env::DiskError> received) {
    if (!received)
      return on_failed_("The leader's snapshot cannot be written: " + received.error().text +
                        ". Free or repair the disk and start again");
    change_history(snapshots_, journal_, [this, loss, received = std::move(*received)](env::Worker& worker) {
      install_received(worker, core_, dirs_, received, loss, [this](const std::expected<void, std::string>& done) {
        done ? on_installed() : on_failed_(done.error());
      });
    });
  });
}

void StateTransfer::on_installed() {
  const zab::InstallSnapshot asked = incoming_->asked();
  const bool may_lack = incoming_->loss() == store::Loss::possible;
  incoming_->builder().replace_state(asked.at);
  incoming_.reset();
  journal_.restart(asked.at, asked.generation);
  snapshots_.resume();
  core_.env.log.info("The state is the leader's now: {} znodes and {} sessions at 0x{:x}",
                     core_.state.tree.node_count() - 1, core_.state.sessions.size(),
                     static_cast<std::uint64_t>(asked.at.value()));
  // The leader's tree changed while it was sent, so it is that of no zxid until what follows is applied.
  core_.state.is_fuzzy = true;
  agreement_.leader_link().resume_packets();
  agreement_.tell(zab::SnapshotInstalled{asked.at, may_lack});
}

// ---- To learners.

void StateTransfer::stream(zab::LinkId link) {
  quorum::LearnerPort& port = agreement_.learner_port();
  if (!port.is_open(link)) return;
  core_.env.log.info("Sending the state at 0x{:x} to a learner at {}", static_cast<std::uint64_t>(core_.zxid()),
                     port.peer(link).host);
  streams_[link] = std::make_unique<SnapshotStream>(
      core_, [&port, link](std::string&& bytes) { port.stream(link, std::move(bytes)); },
      [&port, link] { return port.queued_bytes(link); },
      [this, &port, link] {
        port.end_stream(link);
        streams_.erase(link);
      });
}

}  // namespace quoll::server
