// Bugs planted in the server, each of which some history of the simulator must find (docs/simulator.md).
#include "base/planted.h"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <string>

#include "sim/trial/trial.h"

namespace quoll::sim {
namespace {

using base::Bug;

struct Planted {
  Bug bug;
  const char* name;
  const char* law;            // that must be found broken, as the judge names it
  std::uint64_t seeds;        // 1 to this; one of them must find it
  const char* workload = "";  // that the seeds are of; "": each chooses
};

void PrintTo(const Planted& planted, std::ostream* out) {
  *out << planted.name;
}

#define PLANTED(name, law, seeds) \
  Planted {                       \
    Bug::name, #name, law, seeds  \
  }

#define PLANTED_IN(workload, name, law, seeds) \
  Planted {                                    \
    Bug::name, #name, law, seeds, workload     \
  }

constexpr Planted kPlanted[] = {
    PLANTED(ack_before_fsync, "VD2", 100),
    PLANTED(log_not_synced, "VD1", 100),
    PLANTED(log_name_not_synced, "VL1", 100),
    PLANTED(snapshot_not_synced, "VL1", 100),
    PLANTED(sessions_not_in_snapshot, "VC9 state", 100),
    PLANTED(event_after_reply, "VC4", 100),
    PLANTED(watch_fires_twice, "VC5", 100),
    PLANTED(no_event_of_delete, "VC4", 100),
    PLANTED(persistent_watch_fires_once, "VC4", 100),
    PLANTED(event_to_whom_may_not_read, "VC11", 100),
    PLANTED(zxid_given_again, "VD3", 100),
    PLANTED(suffix_counts_children, "VC8", 100),
    PLANTED(pzxid_stays_at_delete, "VC9", 100),
    PLANTED(version_stays_at_set_data, "VC9 decisions", 100),
    PLANTED(mtime_stays_at_set_data, "VC12", 100),
    PLANTED(cversion_stays_at_create, "VC9 decisions", 100),
    PLANTED(aversion_stays_at_set_acl, "VC9 decisions", 100),
    PLANTED(delete_ignores_version, "VC9 decisions", 100),
    PLANTED(ephemeral_left_behind, "VC6", 100),
    PLANTED(half_a_multi, "VC10", 100),
    PLANTED(anyone_lists_children, "VC11", 100),
    PLANTED(nobody_expires, "VL2", 100),
    PLANTED(reply_zxid_too_low, "VC9 answers", 100),
    PLANTED(read_overtakes_write, "VC2", 100),
    PLANTED(error_answered_as_success, "VC9 answers", 100),
    PLANTED(purge_keeps_one, "VD6", 100),
    PLANTED(purge_takes_a_log_too_many, "VL1", 100),
    PLANTED(snapshot_named_too_late, "VL1", 100),
    PLANTED(pings_are_not_heard, "VC7", 100),
    PLANTED(closing_session_may_write, "VC7", 100),
    PLANTED(pending_writes_forgotten, "VC9 decisions", 100),
    PLANTED(recovered_log_not_settled, "VD2", 100),
    PLANTED(session_id_given_again, "VC7", 100),
    PLANTED(wrong_password_accepted, "VC7", 100),
    PLANTED(room_not_seen, "VL1", 100),
    PLANTED(write_without_room_forgotten, "VL1", 100),
    PLANTED(expiry_at_once, "VC7", 600),
    PLANTED(watches_outlive_connection, "VL2", 100),
    PLANTED(bad_seal_ignored, "VC9", 100),
    PLANTED(request_taken_twice, "VC13", 100),
    PLANTED(changed_znode_left_out, "VC9", 400),
    PLANTED(login_counts_for_what_waits, "VC9", 200),
    PLANTED(failed_login_stays, "VC11", 100),
    PLANTED(sync_error_ignored, "VD2", 100),
    PLANTED(removed_before_its_time, "VC9 containers", 100),
    PLANTED(containers_looked_at_once, "VL2", 100),
    PLANTED(snapshot_name_not_synced, "VL1", 200),
    PLANTED(sync_without_room_tried_again, "VD2", 200),
    PLANTED(snapshots_stay_off, "VL1", 100),
    PLANTED(held_for_ever, "VL1", 100),
    PLANTED(turn_never_comes, "VL1", 100),
    PLANTED(bytes_of_requests_stay, "VL2", 100),
    PLANTED(bytes_in_flight_stay, "VL2", 100),
    PLANTED(acl_not_released, "VL2", 100),
    PLANTED(removed_container_listed, "VL2", 100),
    PLANTED(taken_up_unheard, "VC7", 200),
    PLANTED_IN("quotas", usage_stays_at_delete, "VC9", 12),
    PLANTED_IN("quotas", usage_grows_by_all_data, "VC9", 20),
    PLANTED_IN("quotas", usage_not_counted_anew, "VC9", 10),
    PLANTED_IN("quotas", usage_counted_on_top, "VC9", 10),
    PLANTED_IN("quotas", quota_off_by_one, "VC9", 50),
    PLANTED_IN("quotas", quota_of_the_highest, "VC9", 35),
    PLANTED_IN("quotas", soft_quota_refuses, "VC9", 45),
    PLANTED_IN("quotas", quota_weighs_all_data, "VC9", 350),
    PLANTED_IN("quotas", quota_enforced_unasked, "VC9", 75),
    PLANTED_IN("quotas", quota_outlives_its_limits, "VC9", 45),
    PLANTED_IN("watches", data_missed_at_the_very_zxid, "VC5", 500),
    PLANTED(children_missed_at_the_very_zxid, "VC5", 350),
    PLANTED(unseen_event_ends_the_telling, "VC4", 400),
    PLANTED(writes_come_back_while_stuck, "VL1", 450),
};

// Zero when nothing was found; a broken invariant ends the process with another status still.
[[noreturn]] void look_for(const Planted& planted) {
  base::planted_bug = planted.bug;
  for (std::uint64_t seed = 1; seed <= planted.seeds; ++seed) {
    const Findings findings = run_trial(make_plan(seed, planted.workload)).findings;
    const auto tells = [&](const std::string& finding) { return finding.starts_with(planted.law); };
    if (std::ranges::any_of(findings, tells)) std::exit(1);
  }
  std::exit(0);
}

// By a law, or by an invariant of the server's own. A crash of any other kind is none.
bool is_found(int status) {
  constexpr int kAborted = 6;
  return testing::ExitedWithCode(1)(status) || testing::KilledBySignal(kAborted)(status);
}

class PlantedBug : public testing::TestWithParam<Planted> {};

// In a process of its own, since a bug may also end it.
TEST_P(PlantedBug, is_found) {
  EXPECT_EXIT(look_for(GetParam()), is_found, "");
}

INSTANTIATE_TEST_SUITE_P(Each, PlantedBug, testing::ValuesIn(kPlanted),
                         [](const auto& bug) { return std::string(bug.param.name); });

TEST(WithoutABug, the_same_seeds_find_nothing) {
  std::map<std::string, std::uint64_t> most;
  for (const Planted& planted : kPlanted) {
    std::uint64_t& seeds = most[planted.workload];
    seeds = std::max(seeds, planted.seeds);
  }
  for (const auto& [workload, seeds] : most) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed)
      EXPECT_EQ(run_trial(make_plan(seed, workload)).findings, Findings()) << "seed " << seed << " " << workload;
  }
}

}  // namespace
}  // namespace quoll::sim
