// One history of the production server in the simulated world: executes a plan, ends all faults, waits until the
// clients have their answers, makes a last power failure, and lets every session expire; then nothing may be left of
// them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/server.h"
#include "sim/trial/durable_log.h"
#include "sim/trial/plan.h"
#include "sim/trial/trial_record.h"
#include "sim/world.h"

namespace quoll::sim {

struct Outcome {
  Findings findings;
  std::uint64_t digest = 0;
  std::int64_t virtual_us = 0;
  std::int64_t transactions = 0;
  std::int64_t arrivals = 0;
  std::int64_t lives = 0;
  std::vector<std::string> log;  // the server's log lines
};

class Trial {
 public:
  explicit Trial(const Plan& plan);
  ~Trial();
  Outcome run();

 private:
  void carry_out(const Item& item);
  void start_server();
  void on_started();
  void restart_later();
  // The process has ended; `loss` says what the disk loses.
  enum class Loss { nothing, unsynced, by_chance };
  void die(Loss loss);
  void after_step();
  void watch_log();
  void check_live_laws();
  // Records the applied zxid at each decision, and the statistics of quotas.
  void note_quotas();
  // The empty database has a zxid, as if an older history had been emptied.
  void make_first_database();
  // Damages or removes a file.
  void spoil_newest_snapshot();
  void spoil_a_log();
  void spoil_mark(bool is_whole);
  void spoil(const std::string& path, const std::string& bytes);
  // A damaged file that the start did not need is put back, so that no later start meets it.
  void restore_unneeded_files();
  // A start that is refused over a spoiled file: nothing else was changed, and the file is put back as from a backup.
  void check_refusal(const std::string& why);
  [[nodiscard]] std::map<std::string, std::string> stored_files();
  void on_remove(const std::string& path);
  void fill_disk(std::int64_t pages_left);
  void make_room();
  void let_disk_hang(std::int64_t for_us);
  void go_on();
  // Checks whether a fault explains that a client waits for so long.
  void on_long_wait(int client, std::int64_t since_us);
  void lose_power_soon();
  void heal();
  bool come_to_rest();
  void end_with_a_cut();
  void let_all_expire();
  [[nodiscard]] std::int64_t nodes_due() const;
  [[nodiscard]] std::int64_t bytes_in_flight() const;
  [[nodiscard]] bool counts_bytes_in_flight() const;
  [[nodiscard]] ServerState server_state(std::string when) const;
  [[nodiscard]] bool is_serving() const { return server_ != nullptr && server_->is_serving(); }
  bool run_until(const std::function<bool()>& holds, std::int64_t limit_ms) {
    return world_.run_until(holds, limit_ms);
  }

  const Plan& plan_;
  World world_;
  TappedDisk& disk_ = world_.machine.process_disk;
  server::Options options_;
  std::unique_ptr<server::Server> server_;
  std::vector<std::unique_ptr<Actor>> actors_;
  TrialRecord record_;
  Findings findings_;
  std::optional<Loss> pending_;  // what is lost if the process ends at the next event
  bool is_fatal_ = false;
  bool restart_due_ = false;
  int failed_starts_ = 0;  // consecutive
  int errors_injected_ = 0;
  std::int64_t died_us_ = -1;
  std::int64_t served_since_us_ = INT64_MAX;  // of this process; INT64_MAX: it does not serve
  std::int64_t hung_until_us_ = -1;           // until when the disk hangs
  bool power_fails_after_start_ = false;
  bool repeats_clock_ = false;
  bool is_healed_ = false;
  bool notes_wall_ = false;  // records the wall clock when the server serves next
  std::int64_t started_wall_ms_ = 0;
  std::int64_t lives_ = 0;
  std::size_t lines_seen_ = 0;
  std::string log_folder_;
  DurableLog durable_;
  std::int64_t checked_zxid_ = -1;
  std::int64_t applied_zxid_ = 0;   // before the last event
  std::int64_t proposed_zxid_ = 0;  // the same
  bool spoils_snapshot_ = false;
  bool spoils_log_ = false;
  enum class MarkSpoiled { no, one_record, both_records } spoils_mark_ = MarkSpoiled::no;
  struct Spoiled {
    std::string before;
    std::string now;
  };
  std::map<std::string, Spoiled> spoiled_;  // files that were damaged since the last start, by path
  std::map<std::string, std::string> at_start_;
};

Outcome run_trial(const Plan& plan);

}  // namespace quoll::sim
