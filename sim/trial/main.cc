// quoll_sim: runs histories of the production server in the simulated world and prints what is wrong
// (docs/simulator.md).
#include <charconv>
#include <cstdio>
#include <fmt/format.h>
#include <set>

#include "sim/trial/trial.h"

namespace quoll::sim {

namespace {

struct Wishes {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1;
  std::string workload;
  std::optional<std::set<std::size_t>> keep;  // indices of the plan's items
  bool verbose = false;
  bool plan_only = false;
};

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The indices in "0-5,7".
std::set<std::size_t> ranges(std::string_view text) {
  std::set<std::size_t> all;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    const std::size_t dash = part.find('-');
    const std::uint64_t from = number(part.substr(0, dash));
    const std::uint64_t to = dash == std::string_view::npos ? from : number(part.substr(dash + 1));
    for (std::uint64_t i = from; i <= to; ++i) all.insert(i);
  }
  return all;
}

Plan plan_of(const Wishes& wishes, std::uint64_t seed) {
  Plan plan = make_plan(seed, wishes.workload);
  if (!wishes.keep) return plan;
  std::vector<Item> kept;
  for (const std::size_t i : *wishes.keep) {
    if (i < plan.items.size()) kept.push_back(plan.items[i]);
  }
  plan.items = std::move(kept);
  return plan;
}

// Returns true if nothing is wrong.
bool run_one(const Wishes& wishes, std::uint64_t seed) {
  const Plan plan = plan_of(wishes, seed);
  if (wishes.verbose || wishes.plan_only) {
    fmt::print("seed {}: {}, {} clients, {} items\n", seed, plan.workload, plan.clients.size(), plan.items.size());
    for (const Item& item : plan.items) fmt::print("  {}\n", text_of(item));
  }
  if (wishes.plan_only) return true;
  // Printed first, so that the seed is known if a check of the server ends the process.
  fmt::print("seed {} {}\n", seed, plan.workload);
  std::fflush(stdout);
  const Outcome outcome = run_trial(plan);
  if (wishes.verbose) {
    for (const std::string& line : outcome.log) fmt::print("  log: {}\n", line);
  }
  for (const std::string& finding : outcome.findings) fmt::print("  found: {}\n", finding);
  fmt::print("  {} transactions, {} arrivals, {} lives, {} us\n", outcome.transactions, outcome.arrivals, outcome.lives,
             outcome.virtual_us);
  fmt::print("trace digest: {:016x}\n", outcome.digest);
  return outcome.findings.empty();
}

int run(std::span<char*> arguments) {
  Wishes wishes;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    const std::string_view value = i + 1 < arguments.size() ? arguments[i + 1] : "";
    if (word == "--verbose") {
      wishes.verbose = true;
      continue;
    }
    if (word == "--plan") {
      wishes.plan_only = true;
      continue;
    }
    ++i;
    if (word == "--seed") {
      wishes.seed = number(value);
    } else if (word == "--runs") {
      wishes.runs = number(value);
    } else if (word == "--workload") {
      wishes.workload = value;
    } else if (word == "--keep") {
      wishes.keep = ranges(value);
    } else {
      fmt::print(stderr,
                 "usage: quoll_sim [--seed N] [--runs N] [--workload NAME] [--keep 0-9,12] [--plan] [--verbose]\n");
      return 2;
    }
  }
  std::uint64_t failed = 0;
  for (std::uint64_t seed = wishes.seed; seed < wishes.seed + wishes.runs; ++seed)
    failed += run_one(wishes, seed) ? 0 : 1;
  if (wishes.runs > 1) fmt::print("{} passed, {} failed\n", wishes.runs - failed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace

}  // namespace quoll::sim

int main(int argc, char** argv) {
  return quoll::sim::run({argv, static_cast<std::size_t>(argc)});
}
