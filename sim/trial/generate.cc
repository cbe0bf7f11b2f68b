// Generates a plan from a seed.
#include <algorithm>
#include <fmt/format.h>

#include "sim/trial/draft.h"
#include "sim/trial/faults.h"
#include "sim/trial/plan.h"
#include "sim/trial/users.h"
#include "sim/trial/workloads.h"

namespace quoll::sim {

namespace {

constexpr int kSteps = 200;

// The end of an epoch's counter is so near that the history runs over it, or not near at all.
std::int64_t some_zxid(Draft& draft) {
  const std::int64_t epoch = draft.pick({std::int64_t{0}, std::int64_t{1}, std::int64_t{7}, std::int64_t{0x7ffffff0}});
  const std::int64_t counter = draft.one_in(2) ? draft.between(0, 3) : (std::int64_t{1} << 32) - draft.between(1, 200);
  return (epoch << 32) + counter;
}

void add_clients(Draft& draft) {
  const std::size_t count = 2 + draft.chance.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    ClientPlan client;
    client.timeout_ms = static_cast<std::int32_t>(draft.pick({500, 1000, 2000, 4000, 9000, 20000}));
    client.host = fmt::format("10.0.0.{}", 1 + draft.chance.below(3));
    for (int user = 0; user < static_cast<int>(kUsers.size()); ++user) {
      if (draft.one_in(3)) client.users.push_back(user);
    }
    draft.plan.clients.push_back(std::move(client));
  }
}

}  // namespace

Plan make_plan(std::uint64_t seed, const std::string& workload) {
  Draft draft(seed * 2 + 1);
  Plan& plan = draft.plan;
  plan.seed = seed;
  // Drawn even if the workload is given, so that naming a seed's own workload gives the same plan.
  const std::string& drawn = workloads()[draft.chance.below(workloads().size())];
  plan.workload = workload.empty() ? drawn : workload;
  plan.snapshot_count = 10 + static_cast<std::int64_t>(draft.chance.below(120));
  if (draft.one_in(3)) plan.log_limit_kb = 1 + static_cast<std::int64_t>(draft.chance.below(8));
  plan.slice_nodes = 1 + static_cast<int>(draft.chance.below(draft.one_in(2) ? 4 : 40));
  plan.purges = draft.one_in(2);
  if (draft.one_in(3)) plan.turn_us_max = 1000;
  plan.tight = draft.one_in(4);
  plan.parts_logs = draft.one_in(2);
  // In a quarter of the plans with quotas, the quotas are only logged.
  plan.hard_quotas = plan.workload == "quotas" && !draft.one_in(4);
  // By chances of its own: the rest of the plan does not hang on it.
  Draft first(seed * 2 + 0x5eed);
  if (first.one_in(3)) plan.first_zxid = some_zxid(first);
  add_clients(draft);
  for (int i = 0; i < kSteps; ++i) {
    // Often several items at the same time, sometimes a pause.
    if (!draft.one_in(3))
      draft.now_us += static_cast<std::int64_t>(draft.chance.below(draft.one_in(10) ? 400'000 : 40'000));
    add_step(draft);
    if (draft.one_in(25)) add_client_fault(draft);
  }
  add_world_faults(draft);
  add_rare_faults(draft);
  std::stable_sort(plan.items.begin(), plan.items.end(),
                   [](const Item& a, const Item& b) { return a.at_us < b.at_us; });
  return std::move(plan);
}

}  // namespace quoll::sim
