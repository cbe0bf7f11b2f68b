// Generates the plan of an ensemble's history from a seed.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/ensemble/ensemble_plan.h"
#include "sim/trial/draft.h"

namespace quoll::sim {

namespace {

using Kind = EnsembleFault::Kind;

struct Shape {
  int voters;
  int observers;
};

// A plan in the making. Each history has its own mixture of faults: one that has all kinds of faults at the same time
// comes less far than one with few of them.
class Generator {
 public:
  Generator(std::uint64_t seed, const std::string& workload) : draft_(seed * 2 + 0xe45e), more_(seed * 2 + 0x5eed) {
    // Drawn even if the workload is given, so that naming a seed's own workload gives the same plan.
    const std::string drawn = some_workload();
    plan_.clients = make_plan(seed, workload.empty() ? drawn : workload);
  }

  EnsemblePlan run() {
    const Shape shape = draft_.pick({Shape{3, 0}, Shape{3, 0}, Shape{3, 0}, Shape{3, 1}, Shape{3, 2}, Shape{5, 0},
                                     Shape{5, 1}, Shape{1, 0}, Shape{1, 1}, Shape{2, 0}, Shape{4, 0}, Shape{7, 0}});
    plan_.voters = shape.voters;
    plan_.observers = shape.observers;
    plan_.restart_us_max = draft_.pick({std::int64_t{20'000}, std::int64_t{400'000}, std::int64_t{5'000'000}});
    for (int i = 0; i < plan_.members(); ++i)
      plan_.drifts_ppm.push_back(draft_.one_in(3) ? draft_.between(-20'000, 20'000) : 0);
    adapt_clients();
    choose_kinds();
    add_faults();
    if (draft_.one_in(4)) plan_.epoch_transactions_max = static_cast<std::uint32_t>(draft_.between(5, 150));
    // So that a state is sent in many parts.
    if (more_.one_in(2)) plan_.clients.slice_nodes = static_cast<int>(more_.between(1, 3));
    if (more_.one_in(2)) plan_.history_entries_min = static_cast<std::size_t>(more_.between(0, 20));
    if (more_.one_in(5)) lose_data_while_others_lag();
    std::ranges::stable_sort(plan_.faults, {}, &EnsembleFault::at_us);
    return std::move(plan_);
  }

 private:
  std::string some_workload() {
    // Not quotas: a start counts their usage again, so members that start at different times may differ.
    std::vector<std::string> some = workloads();
    std::erase(some, "quotas");
    return some[draft_.chance.below(some.size())];
  }

  void adapt_clients() {
    Plan& clients = plan_.clients;
    std::erase_if(clients.items, [](const Item& item) { return item.client < 0; });
    clients.first_zxid = 0;
    clients.tight = false;
    const std::int64_t stretch = draft_.pick({std::int64_t{1}, std::int64_t{4}, std::int64_t{10}});
    for (Item& item : clients.items) {
      item.at_us = item.at_us * stretch + kQuietUs;
      end_us_ = std::max(end_us_, item.at_us);
    }
    for (std::size_t i = 0; i < clients.clients.size(); ++i) {
      ClientPlan& client = clients.clients[i];
      client.host = fmt::format("10.0.0.{}", i + 1);
      // Some know one member only.
      const int first = static_cast<int>(draft_.chance.below(static_cast<std::uint64_t>(plan_.members())));
      const int count = draft_.one_in(6) ? 1 : plan_.members();
      for (int k = 0; k < count; ++k)
        client.servers.push_back(fmt::format("server{}", 1 + (first + k) % plan_.members()));
    }
  }

  void choose_kinds() {
    for (const Kind kind : {Kind::kill, Kind::kill_after, Kind::power_cut, Kind::power_cut_torn, Kind::power_off_after,
                            Kind::part, Kind::part, Kind::part_one_way, Kind::cut_links, Kind::pause, Kind::hang_disk,
                            Kind::slow_disk, Kind::slow_links, Kind::lossy_links, Kind::jump_clock, Kind::log_error}) {
      if (draft_.one_in(3)) kinds_.push_back(kind);
    }
  }

  MemberSet some_member() { return MemberSet{1} << draft_.chance.below(static_cast<std::uint64_t>(plan_.members())); }
  MemberSet all() const { return (MemberSet{1} << plan_.members()) - 1; }
  MemberSet some_members() {
    return draft_.one_in(6)   ? all()
           : draft_.one_in(3) ? 1 + static_cast<MemberSet>(draft_.chance.below(all()))
                              : some_member();
  }

  void add_faults() {
    if (kinds_.empty()) return;
    const std::size_t count = draft_.chance.below(16);
    for (std::size_t i = 0; i < count; ++i) add_fault(kinds_[draft_.chance.below(kinds_.size())]);
    // One voter alone loses its data, once: of those that acknowledged something, a majority must keep it.
    if (plan_.voters >= 3 && draft_.one_in(5)) {
      EnsembleFault& fault = add_fault(Kind::wipe);
      fault.members = some_member();
      fault.meets_leader = draft_.one_in(4);
    }
  }

  // Some voters lag behind, another one that has acknowledged everything loses its data, and the rest is out of reach:
  // those are a quorum in number, but do not have what was acknowledged.
  void lose_data_while_others_lag() {
    const auto is_wipe = [](const EnsembleFault& fault) { return fault.kind == Kind::wipe; };
    if (plan_.voters % 2 == 0 || plan_.voters < 3 || std::ranges::any_of(plan_.faults, is_wipe)) return;
    const int first = static_cast<int>(more_.chance.below(static_cast<std::uint64_t>(plan_.voters)));
    const auto voter = [&](int k) { return MemberSet{1} << (first + k) % plan_.voters; };
    const MemberSet wiped = voter(0);
    MemberSet lagging = 0;
    for (int k = 1; k <= plan_.voters / 2; ++k) lagging |= voter(k);
    const std::int64_t at_us = more_.between(kQuietUs, end_us_);
    const std::int64_t lags_us = more_.between(100'000, 900'000);
    const auto add = [&](Kind kind, std::int64_t when_us, MemberSet members, MemberSet others, std::int64_t amount) {
      plan_.faults.push_back({.at_us = when_us, .kind = kind, .members = members, .others = others, .amount = amount});
    };
    add(Kind::part, at_us, lagging, all() & ~lagging, lags_us);
    // Not before the first partition has ended, which opens its routes.
    const std::int64_t then_us = at_us + lags_us + 1;
    add(Kind::part, then_us, lagging | wiped, all() & ~(lagging | wiped), more_.between(1'000'000, 6'000'000));
    add(Kind::wipe, then_us, wiped, 0, 0);
  }

  EnsembleFault& add_fault(Kind kind) {
    EnsembleFault& fault = plan_.faults.emplace_back();
    fault.kind = kind;
    // Some come before a leader has been elected.
    fault.at_us = draft_.one_in(6) ? draft_.between(0, kQuietUs) : draft_.between(kQuietUs, end_us_);
    fault.members = some_members();
    fault.meets_leader = draft_.one_in(3);
    fault.others = all() & ~fault.members;
    if (draft_.one_in(3)) fault.others = some_members();
    fault.refuses = draft_.one_in(3);
    switch (kind) {
      case Kind::kill_after:
      case Kind::power_off_after:
        fault.amount = draft_.between(1, 60);
        break;
      case Kind::part:
      case Kind::part_one_way:
      case Kind::pause:
      case Kind::hang_disk:
        // From much less to much more than the time after which a member counts as gone.
        fault.amount = draft_.between(1000, draft_.pick({100'000, 1'000'000, 6'000'000}));
        break;
      case Kind::slow_disk:
        fault.amount = draft_.between(100, draft_.pick({5'000, 50'000, 300'000}));
        break;
      case Kind::slow_links:
        fault.amount = draft_.between(100, draft_.pick({5'000, 50'000, 200'000}));
        break;
      case Kind::lossy_links:
        fault.amount = draft_.between(1, 150);
        break;
      case Kind::jump_clock:
        fault.amount = draft_.between(-86'400'000, 86'400'000);
        break;
      case Kind::log_error:
        fault.amount = draft_.between(0, 1);
        break;
      default:
        break;
    }
    return fault;
  }

  // The members elect a leader first.
  static constexpr std::int64_t kQuietUs = 1'500'000;

  Draft draft_;
  Draft more_;  // apart from the rest, so that known seeds keep their plans
  EnsemblePlan plan_;
  std::vector<Kind> kinds_;
  std::int64_t end_us_ = kQuietUs;
};

}  // namespace

EnsemblePlan make_ensemble_plan(std::uint64_t seed, const std::string& workload) {
  return Generator(seed, workload).run();
}

std::string text_of(const EnsembleFault& fault) {
  static constexpr std::array kNames = {"kill",      "kill_after",   "power_cut",   "power_cut_torn", "power_off_after",
                                        "part",      "part_one_way", "cut_links",   "pause",          "hang_disk",
                                        "slow_disk", "slow_links",   "lossy_links", "jump_clock",     "log_error",
                                        "wipe"};
  const auto names = [](MemberSet set) {
    std::string text;
    for (int i = 0; set >> i != 0; ++i) {
      if ((set >> i & 1) != 0) text += fmt::format("{}{}", text.empty() ? "" : "+", i + 1);
    }
    return text;
  };
  return fmt::format("{} us: {} {}{} others {} amount {}{}", fault.at_us, kNames[static_cast<std::size_t>(fault.kind)],
                     names(fault.members), fault.meets_leader ? " or the leader" : "", names(fault.others),
                     fault.amount, fault.refuses ? " refuses" : "");
}

}  // namespace quoll::sim
