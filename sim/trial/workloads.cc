#include "sim/trial/workloads.h"

#include <fmt/format.h>

#include "sim/trial/faults.h"
#include "sim/trial/naive_quotas.h"
#include "sim/trial/requests.h"

namespace quoll::sim {

namespace {

using enum OpCode;

// The last item waits for the answers to all earlier requests.
void waits_for_answers(Draft& draft, bool waits = true) {
  draft.plan.items.back().alone = waits;
}

// Creates an ephemeral sequential node, lists the nodes, watches the first one, and deletes the node.
void add_lock_step(Draft& draft) {
  if (draft.one_in(30)) draft.ask(create, "/lock");
  switch (draft.chance.below(5)) {
    case 0:
    case 1:
      draft.ask(draft.one_in(2) ? create : create2, "/lock/n-").flags = 3;
      break;
    case 2:
      draft.ask(get_children, "/lock");
      waits_for_answers(draft);
      break;
    case 3: {
      Ask& first = draft.ask(exists);
      first.path_from = Ask::From::first_child;
      first.watch = true;
      break;
    }
    default:
      draft.ask(remove).path_from = Ask::From::last_created;
      waits_for_answers(draft, draft.one_in(2));
  }
}

void add_queue_step(Draft& draft) {
  if (draft.one_in(30)) draft.ask(create, "/queue");
  if (draft.one_in(2)) {
    Ask& put = draft.ask(create, "/queue/e-");
    put.flags = 2;
    put.data = some_data(draft);
    return;
  }
  Ask& look = draft.ask(get_children, "/queue");
  look.watch = draft.one_in(2);
  draft.ask_too(remove).path_from = Ask::From::first_child;
  waits_for_answers(draft);
}

void add_counter_step(Draft& draft) {
  const std::string counter = draft.pick({"/n1", "/n2"});
  if (draft.one_in(20)) draft.ask(create, counter);
  draft.ask(get_data, counter);
  Ask& set = draft.ask_too(set_data, counter);
  set.version_from = Ask::Version::last_seen;
  set.data = some_data(draft);
  waits_for_answers(draft, draft.one_in(2));
}

void add_ephemeral_step(Draft& draft) {
  if (draft.one_in(8)) return static_cast<void>(draft.ask(close_session));
  if (draft.one_in(6)) return add_client_fault(draft);
  if (draft.one_in(5)) return add_read(draft);
  if (draft.one_in(8)) draft.ask(create, "/a");
  Ask& made = draft.ask(draft.one_in(2) ? create : create2, draft.one_in(2) ? some_path(draft) : "/a/s");
  made.flags = draft.one_in(2) ? 1 : 3;
  if (draft.one_in(4)) draft.ask(remove, some_path(draft));
}

void add_watch_step(Draft& draft) {
  draft.one_in(2) ? add_watch_request(draft) : add_write(draft);
}

void add_huge_step(Draft& draft) {
  if (draft.one_in(3)) return add_read(draft);
  Ask made = some_write(draft);
  if (made.op == check) made.op = set_data;
  made.data = std::string(draft.chance.below(draft.one_in(8) ? 300'000 : 20'000),
                          static_cast<char>('a' + draft.chance.below(26)));
  draft.add(std::move(made));
}

void add_children_step(Draft& draft) {
  if (draft.one_in(30)) draft.ask(create, "/many");
  if (draft.one_in(3)) return add_read(draft);
  if (draft.one_in(4)) {
    Ask part = ask_of(create, "/many/m");
    part.flags = 2;
    Ask& many = draft.ask(multi);
    many.parts.assign(1 + draft.chance.below(20), part);
    return;
  }
  draft.ask(draft.pick({get_children, get_children2, get_all_children_number}), "/many");
  if (draft.one_in(3)) draft.ask(remove).path_from = Ask::From::first_child;
}

// A path with a quota, often the same one; sometimes one above or below another.
std::string some_counted_path(Draft& draft) {
  return draft.pick({"/a", "/a", "/a", "/a/a", "/b"});
}

// Hard limits, soft ones, or both.
std::string some_limits(Draft& draft) {
  if (draft.one_in(40)) return "none";
  const auto limit = [&](std::int64_t least, std::int64_t most) {
    return draft.one_in(3) ? -1 : draft.between(least, most);
  };
  std::string text = fmt::format("count={},bytes={}", limit(0, 6), limit(0, 60));
  if (!draft.one_in(4)) text += fmt::format("=;byteHardLimit={};countHardLimit={}", limit(10, 60), limit(1, 6));
  return text;
}

void set_quota(Draft& draft) {
  const std::string path = some_counted_path(draft);
  draft.ask(create, quota_path("/a"));
  draft.ask_too(create, quota_path(path));
  const bool is_first = draft.one_in(2);
  if (is_first) draft.ask_too(create, limits_path(path)).data = some_limits(draft);
  if (!draft.one_in(10)) {
    Ask& statistics = draft.ask_too(draft.one_in(4) ? create2 : create, statistics_path(path));
    statistics.data = "count=0,bytes=0";
  }
  if (!is_first) draft.ask_too(create, limits_path(path)).data = some_limits(draft);
}

// Writes to a quota's znodes as any client may, also invalid texts.
void meddle_with_quota(Draft& draft) {
  const std::string path = some_counted_path(draft);
  switch (draft.chance.below(6)) {
    case 0:
    case 1:
      draft.ask(set_data, limits_path(path)).data = some_limits(draft);
      return;
    case 2:
      return static_cast<void>(draft.ask(remove, limits_path(path)));
    case 3:
      return static_cast<void>(draft.ask(remove, statistics_path(path)));
    case 4:
      draft.ask(set_data, statistics_path(path)).data = draft.pick({"count=1,bytes=5", "none", ""});
      return;
    default:
      return static_cast<void>(draft.ask(create, draft.pick({limits_path(""), statistics_path("")})));
  }
}

void add_quota_step(Draft& draft) {
  if (draft.one_in(12)) return set_quota(draft);
  if (draft.one_in(20)) return meddle_with_quota(draft);
  if (draft.one_in(12)) {
    draft.ask(draft.pick({get_data, exists}), statistics_path(some_counted_path(draft))).watch = draft.one_in(4);
    return;
  }
  if (draft.one_in(6)) {
    Ask& change = draft.ask(set_acl, some_path(draft));
    change.acl = some_acl(draft);
    change.version = draft.one_in(2) ? -1 : static_cast<std::int32_t>(draft.chance.below(4));
    return;
  }
  if (draft.one_in(3)) return add_read(draft);
  draft.one_in(6) ? add_any_request(draft) : add_write(draft);
}

// Znodes that only some users may use, and clients that log in between other requests.
void add_people_step(Draft& draft) {
  if (draft.one_in(8)) return static_cast<void>(draft.add(some_login(draft)));
  if (draft.one_in(3)) {
    Ask guarded = ask_of(draft.one_in(2) ? create : set_acl, some_path(draft));
    guarded.acl = some_acl(draft);
    return static_cast<void>(draft.add(std::move(guarded)));
  }
  if (draft.one_in(3)) {
    // The read waits behind the write, and the login does not.
    add_write(draft);
    Ask& read = draft.ask_too(draft.pick({get_data, get_children, who_am_i}), some_path(draft));
    read.watch = read.op != who_am_i;
    draft.add_too(some_login(draft));
    return;
  }
  draft.one_in(2) ? add_watch_request(draft) : add_read(draft);
}

struct Workload {
  const char* name;
  void (*add_step)(Draft&);
};

constexpr Workload kWorkloads[] = {
    {"random", add_any_request},    {"locks", add_lock_step},           {"queues", add_queue_step},
    {"counters", add_counter_step}, {"ephemerals", add_ephemeral_step}, {"watches", add_watch_step},
    {"huge", add_huge_step},        {"children", add_children_step},    {"quotas", add_quota_step},
    {"people", add_people_step},
};

}  // namespace

const std::vector<std::string>& workloads() {
  static const std::vector<std::string> kAll = [] {
    std::vector<std::string> names;
    for (const Workload& workload : kWorkloads) names.emplace_back(workload.name);
    return names;
  }();
  return kAll;
}

void add_step(Draft& draft) {
  if (draft.plan.workload == "random" || draft.one_in(8)) return add_any_request(draft);
  for (const Workload& workload : kWorkloads) {
    if (draft.plan.workload == workload.name) return workload.add_step(draft);
  }
}

}  // namespace quoll::sim
