// One history of an ensemble of production servers in a simulated world: executes a plan, ends all faults, and waits
// until the members agree and the clients have their answers; then the power fails everywhere, and every session must
// expire.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/ensemble/chronicle.h"
#include "sim/ensemble/ensemble_plan.h"
#include "sim/ensemble/member.h"
#include "sim/simulation.h"
#include "sim/trial/trial_record.h"

namespace quoll::sim {

struct EnsembleOutcome {
  Findings findings;
  std::uint64_t digest = 0;
  std::int64_t virtual_us = 0;
  std::int64_t transactions = 0;
  std::int64_t arrivals = 0;
  std::int64_t epochs = 0;
  std::int64_t lives = 0;
  std::vector<std::string> log;  // of all members, with time and name
};

class EnsembleTrial {
 public:
  enum class Keeps { findings, log_too };
  EnsembleTrial(const EnsemblePlan& plan, Keeps keeps);
  ~EnsembleTrial();
  EnsembleOutcome run();

 private:
  // What the trial knows of a member beside its machine.
  struct Watched {
    std::optional<Machine::Ending> ending;  // how its process ends at the next event
    bool is_wiped_then = false;
    std::int64_t lost_zxid = -1;  // the end of the log that it had when it lost its data
    bool restart_due = false;
    bool has_bad_disk = false;       // it has got an error from its disk, or will
    std::int64_t serving_life = -1;  // the process that serves, since the last event
    std::int64_t zxid = 0;           // what it had applied then
  };

  [[nodiscard]] server::Options options() const;
  void carry_out(const EnsembleFault& fault);
  void carry_out(const EnsembleFault& fault, std::size_t member);
  void set_passage(const EnsembleFault& fault, Route::Passage passage);
  [[nodiscard]] std::vector<std::size_t> members_of(MemberSet set) const;
  // Something that may delay answers and end sessions happens now, and lasts for a while.
  void disturb(std::int64_t for_us);
  void start(std::size_t member);
  void end(std::size_t member);
  void restart_later(std::size_t member);

  void after_step();
  void check(std::size_t member);
  // VD1: what is shown first is on stable storage at a quorum of the voters.
  void check_quorum(std::int64_t zxid);
  // The log that shows the transactions up to `zxid`, with which `member` begins to serve: another member's if its
  // leader has sent it a snapshot that nobody has shown before.
  [[nodiscard]] const MemberLog& log_up_to(std::int64_t zxid, const Member& member);
  // VC7: no client keeps a session of which the member knows that it is closed.
  void check_sessions(Member& member);
  // Notes a session's end, and the transaction for the log.
  void note(std::int64_t zxid, const std::string& bytes);
  void note_states(const std::string& when);

  // Ends all faults.
  void heal();
  // All serve, with the same state.
  [[nodiscard]] bool agree();
  bool come_to_rest(const std::string& when);
  void end_with_a_cut();
  void let_all_expire();
  void judge_record();

  const EnsemblePlan& plan_;
  Keeps keeps_;
  Simulation simulation_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<Watched> watched_;
  std::vector<std::unique_ptr<Actor>> actors_;
  Chronicle chronicle_;
  std::map<std::int64_t, std::pair<int, std::int64_t>> leaders_;  // of an epoch: member and process
  std::map<std::int64_t, std::int64_t> closed_;                   // the transaction that closed a session
  TrialRecord record_;
  Findings findings_;
  std::vector<std::string> log_;
  bool is_healed_ = false;
  bool is_over_ = false;
};

EnsembleOutcome run_ensemble(const EnsemblePlan& plan, EnsembleTrial::Keeps keeps = EnsembleTrial::Keeps::findings);

}  // namespace quoll::sim
