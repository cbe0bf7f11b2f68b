// From a seed to a plan: who does what in each workload, and what goes wrong meanwhile.
#include <algorithm>
#include <cerrno>
#include <fmt/format.h>

#include "base/prng.h"
#include "sim/trial/plan.h"
#include "sim/trial/users.h"

namespace quoll::sim {

namespace {

constexpr int kRequests = 200;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : chance_(seed * 2 + 1) {}

  Plan make(std::uint64_t seed, const std::string& workload) {
    plan_.seed = seed;
    plan_.workload = workload.empty() ? workloads()[chance_.below(workloads().size())] : workload;
    plan_.snapshot_count = 10 + static_cast<std::int64_t>(chance_.below(120));
    if (one_in(3)) plan_.log_limit_kb = 1 + static_cast<std::int64_t>(chance_.below(8));
    plan_.purges = one_in(2);
    add_clients();
    for (int i = 0; i < kRequests; ++i) {
      // Often several at once, sometimes a pause.
      if (!one_in(3)) now_us_ += static_cast<std::int64_t>(chance_.below(one_in(10) ? 400'000 : 40'000));
      add_request();
      if (one_in(25)) add_client_trouble();
    }
    add_world_trouble();
    add_rare_trouble();
    std::stable_sort(plan_.items.begin(), plan_.items.end(),
                     [](const Item& a, const Item& b) { return a.at_us < b.at_us; });
    return std::move(plan_);
  }

 private:
  bool one_in(std::uint64_t n) { return chance_.below(n) == 0; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(chance_.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + chance_.below(from.size()));
  }

  void add_clients() {
    const std::size_t count = 2 + chance_.below(4);
    for (std::size_t i = 0; i < count; ++i) {
      ClientPlan client;
      client.timeout_ms = static_cast<std::int32_t>(pick({500, 1000, 2000, 4000, 9000, 20000}));
      client.host = fmt::format("10.0.0.{}", 1 + chance_.below(3));
      for (int user = 0; user < static_cast<int>(kUsers.size()); ++user) {
        if (one_in(3)) client.users.push_back(user);
      }
      plan_.clients.push_back(std::move(client));
    }
  }

  Item& add(Item::Kind kind) {
    Item& item = plan_.items.emplace_back();
    item.kind = kind;
    item.at_us = now_us_;
    return item;
  }
  Ask& ask(OpCode op, std::string path = {}) {
    Item& item = add(Item::Kind::ask);
    item.client = static_cast<int>(chance_.below(plan_.clients.size()));
    item.ask = of(op, std::move(path));
    return item.ask;
  }
  Ask of(OpCode op, std::string path = {}) {
    Ask ask;
    ask.op = op;
    ask.path = std::move(path);
    ask.acl = {Acl{31, Id{"world", "anyone"}}};
    return ask;
  }

  std::string path() { return pick({"/a", "/b", "/c", "/a/a", "/a/b", "/b/a", "/c/a", "/a/a/a", "/a/a/b", "/b/a/c"}); }
  std::string data() { return std::string(chance_.below(20), static_cast<char>('a' + chance_.below(26))); }
  std::int32_t version() { return one_in(2) ? -1 : static_cast<std::int32_t>(chance_.below(4)); }

  AclList acl() {
    const auto user = [&] { return Id{"digest", std::string(kUsers[chance_.below(kUsers.size())].identity)}; };
    const auto perms = static_cast<std::int32_t>(one_in(2) ? 31 : chance_.below(32));
    switch (chance_.below(8)) {
      case 0:
        return {Acl{perms, Id{"auth", ""}}};
      case 1:
        return {Acl{perms, user()}, Acl{1, Id{"world", "anyone"}}};
      case 2:
        return {Acl{perms, user()}, Acl{perms, user()}};
      case 3:
        return {Acl{perms, Id{"ip", fmt::format("10.0.0.{}", 1 + chance_.below(3))}}};
      case 4:
        if (one_in(4)) return {};
        if (one_in(2)) return {Acl{31, Id{"nobody", "knows"}}};
        return {Acl{31, Id{"digest", "nocolon"}}};
      default:
        return {Acl{31, Id{"world", "anyone"}}};
    }
  }

  Ask write(std::string where) {
    using enum OpCode;
    Ask made = of(create, std::move(where));
    made.data = data();
    made.version = version();
    switch (chance_.below(12)) {
      case 0:
      case 1:
      case 2:
      case 3:
        made.op = one_in(2) ? create : create2;
        made.flags = static_cast<std::int32_t>(pick({0, 0, 0, 1, 2, 3, 7}));
        break;
      case 4:
        made.op = create_container;
        made.flags = 4;
        break;
      case 5:
        made.op = create_ttl;
        made.flags = 5 + static_cast<std::int32_t>(chance_.below(2));
        made.ttl_ms = between(0, 2000);
        break;
      case 6:
      case 7:
      case 8:
        made.op = remove;
        break;
      case 9:
      case 10:
        made.op = set_data;
        break;
      default:
        made.op = check;
    }
    if (one_in(5)) made.acl = acl();
    return made;
  }

  void add_write() {
    Ask made = write(path());
    if (made.op == OpCode::check) made.op = OpCode::set_data;
    if (one_in(20)) made.op = OpCode::delete_container;
    if (one_in(12)) {
      made.op = OpCode::set_acl;
      made.acl = acl();
    }
    Item& item = add(Item::Kind::ask);
    item.client = static_cast<int>(chance_.below(plan_.clients.size()));
    item.ask = std::move(made);
  }

  void add_multi() {
    Ask& multi = ask(one_in(8) ? OpCode::multi_read : OpCode::multi);
    const std::size_t count = chance_.below(6);
    for (std::size_t i = 0; i < count; ++i) {
      multi.parts.push_back(
          multi.op == OpCode::multi ? write(path()) : of(one_in(2) ? OpCode::get_data : OpCode::get_children, path()));
    }
  }

  void add_read() {
    using enum OpCode;
    Ask& read = ask(pick({exists, get_data, get_children, get_children2, get_acl, sync, get_all_children_number,
                          get_ephemerals, who_am_i, exists, get_data, get_children}));
    read.path = one_in(6) ? "/" : path();
    read.watch =
        one_in(3) && (read.op == exists || read.op == get_data || read.op == get_children || read.op == get_children2);
  }

  void add_watch_request() {
    using enum OpCode;
    Ask& watch = ask(pick({exists, get_data, get_children, add_watch, add_watch, check_watches, remove_watches}));
    watch.path = one_in(5) ? "/" : path();
    watch.watch = watch.op == exists || watch.op == get_data || watch.op == get_children;
    watch.type = static_cast<std::int32_t>(watch.op == add_watch ? chance_.below(2) : 1 + chance_.below(5));
  }

  void add_random() {
    const auto dice = chance_.below(20);
    if (dice < 9) return add_write();
    if (dice < 12) return add_multi();
    if (dice < 18) return add_read();
    if (dice < 19) return add_watch_request();
    if (one_in(3)) ask(OpCode::close_session);
  }

  // An ephemeral sequential node, a look at who is first, a watch on it, and the node's end.
  void add_lock_step() {
    using enum OpCode;
    if (one_in(30)) ask(create, "/lock");
    switch (chance_.below(5)) {
      case 0:
      case 1: {
        Ask& node = ask(one_in(2) ? create : create2, "/lock/n-");
        node.flags = 3;
        break;
      }
      case 2:
        ask(get_children, "/lock");
        plan_.items.back().alone = true;
        break;
      case 3: {
        Ask& first = ask(exists);
        first.path_from = Ask::From::first_child;
        first.watch = true;
        break;
      }
      default:
        ask(remove).path_from = Ask::From::last_created;
        plan_.items.back().alone = one_in(2);
    }
  }

  void add_queue_step() {
    using enum OpCode;
    if (one_in(30)) ask(create, "/queue");
    if (one_in(2)) {
      Ask& put = ask(create, "/queue/e-");
      put.flags = 2;
      put.data = data();
      return;
    }
    Ask& look = ask(get_children, "/queue");
    look.watch = one_in(2);
    const int taker = plan_.items.back().client;
    Ask& take = ask(remove);
    take.path_from = Ask::From::first_child;
    plan_.items.back().client = taker;
    plan_.items.back().alone = true;
  }

  void add_counter_step() {
    using enum OpCode;
    const std::string counter = pick({"/n1", "/n2"});
    if (one_in(20)) ask(create, counter);
    ask(get_data, counter);
    const int client = plan_.items.back().client;
    Ask& set = ask(set_data, counter);
    set.version_from = Ask::Version::last_seen;
    set.data = data();
    plan_.items.back().client = client;
    plan_.items.back().alone = one_in(2);
  }

  void add_ephemeral_step() {
    using enum OpCode;
    if (one_in(8)) return static_cast<void>(ask(close_session));
    if (one_in(6)) return add_client_trouble();
    if (one_in(5)) return add_read();
    if (one_in(8)) ask(create, "/a");
    Ask& made = ask(one_in(2) ? create : create2, one_in(2) ? path() : "/a/s");
    made.flags = one_in(2) ? 1 : 3;
    if (one_in(4)) ask(remove, path());
  }

  void add_huge_step() {
    if (one_in(3)) return add_read();
    Ask made = write(path());
    if (made.op == OpCode::check) made.op = OpCode::set_data;
    made.data = std::string(chance_.below(one_in(8) ? 300'000 : 20'000), static_cast<char>('a' + chance_.below(26)));
    Item& item = add(Item::Kind::ask);
    item.client = static_cast<int>(chance_.below(plan_.clients.size()));
    item.ask = std::move(made);
  }

  void add_children_step() {
    using enum OpCode;
    if (one_in(30)) ask(create, "/many");
    if (one_in(3)) return add_read();
    if (one_in(4)) {
      Ask& multi = ask(OpCode::multi);
      const std::size_t count = 1 + chance_.below(20);
      for (std::size_t i = 0; i < count; ++i) {
        Ask part = of(create, "/many/m");
        part.flags = 2;
        multi.parts.push_back(std::move(part));
      }
      return;
    }
    ask(pick({get_children, get_children2, get_all_children_number}), "/many").watch = false;
    if (one_in(3)) ask(remove).path_from = Ask::From::first_child;
  }

  void add_quota_step() {
    using enum OpCode;
    plan_.hard_quotas = true;
    if (one_in(12)) {
      ask(create, "/zookeeper/quota/a");
      const int client = plan_.items.back().client;
      Ask& limit = ask(create, "/zookeeper/quota/a/zookeeper_limits");
      limit.data = fmt::format("count=-1,bytes=-1=;byteHardLimit={};countHardLimit={}", between(10, 60), between(2, 6));
      plan_.items.back().client = client;
      Ask& statistics = ask(create, "/zookeeper/quota/a/zookeeper_stats");
      statistics.data = "count=0,bytes=0";
      plan_.items.back().client = client;
      return;
    }
    if (one_in(6)) {
      Ask& change = ask(set_acl, path());
      change.acl = acl();
      change.version = version();
      return;
    }
    if (one_in(40)) return static_cast<void>(ask(remove, "/zookeeper/quota/a/zookeeper_limits"));
    if (one_in(3)) return add_read();
    add_write();
  }

  void add_request() {
    const std::string& w = plan_.workload;
    if (w == "random") return add_random();
    if (one_in(8)) return add_random();
    if (w == "locks") return add_lock_step();
    if (w == "queues") return add_queue_step();
    if (w == "counters") return add_counter_step();
    if (w == "ephemerals") return add_ephemeral_step();
    if (w == "watches") return one_in(2) ? add_watch_request() : add_write();
    if (w == "huge") return add_huge_step();
    if (w == "children") return add_children_step();
    add_quota_step();
  }

  void add_client_trouble() {
    using enum Item::Kind;
    Item& item = add(pick({hang_up, cut, silence, move, forget, stop_reading, tear}));
    item.client = static_cast<int>(chance_.below(plan_.clients.size()));
    item.amount = between(100, one_in(5) ? 3'000'000 : 200'000);
    item.ask = of(OpCode::create, "/torn");
  }

  void add_world_trouble() {
    using enum Item::Kind;
    const std::size_t count = chance_.below(7);
    const std::int64_t end_us = now_us_;
    for (std::size_t i = 0; i < count; ++i) {
      now_us_ = between(0, end_us);
      Item& item = add(pick({kill, kill_after, kill_after, power_cut, power_cut_torn, power_off_after, power_off_after,
                             hang_disk, slow_disk, slow_network, set_clock, log_error, snapshot_error}));
      switch (item.kind) {
        case kill_after:
        case power_off_after:
          item.amount = between(1, 60);
          break;
        case hang_disk:
          item.amount = between(1000, 3'000'000);
          break;
        case slow_disk:
          item.amount = between(100, 50'000);
          break;
        case slow_network:
          item.amount = between(100, 100'000);
          break;
        case set_clock:
          item.amount = between(-86'400'000, 86'400'000);
          break;
        case log_error:
          item.amount = EIO;
          item.alone = one_in(2);
          break;
        case snapshot_error:
          item.amount = one_in(2) ? EIO : ENOSPC;
          break;
        default:
          break;
      }
    }
    now_us_ = end_us;
  }

  void add_rare_trouble() {
    const std::int64_t end_us = now_us_;
    if (one_in(6)) {
      now_us_ = between(0, end_us);
      add(Item::Kind::lossy_network).amount = between(1, 200);
    }
    if (one_in(4)) {
      now_us_ = between(0, end_us);
      add(Item::Kind::full_disk).amount = between(1000, 4'000'000);
    }
    if (one_in(6)) {
      now_us_ = between(0, end_us);
      add(Item::Kind::repeat_clock);
    }
    if (one_in(6)) {
      now_us_ = between(0, end_us);
      add(Item::Kind::relapse).amount = between(1, 60);
    }
    if (one_in(4)) {
      now_us_ = between(0, end_us);
      // As long as a timeout and a little longer: then it counts what has been read before a session expires.
      const std::int64_t timeout_ms = std::max(1000, plan_.clients[chance_.below(plan_.clients.size())].timeout_ms);
      add(Item::Kind::stand_still).amount = between(timeout_ms * 900, timeout_ms * 1'350);
    }
    if (one_in(6)) {
      now_us_ = between(0, end_us);
      add(Item::Kind::forge).client = static_cast<int>(chance_.below(plan_.clients.size()));
    }
    now_us_ = end_us;
  }

  base::Prng chance_;
  Plan plan_;
  std::int64_t now_us_ = 0;
};

const char* name_of(Item::Kind kind) {
  constexpr const char* kNames[] = {
      "ask",       "hang up",      "cut",       "silence",       "move",         "forget",          "stop reading",
      "tear",      "forge",        "kill",      "kill after",    "power cut",    "power cut, torn", "power off after",
      "relapse",   "stand still",  "hang disk", "slow disk",     "slow network", "lossy network",   "full disk",
      "set clock", "repeat clock", "log error", "snapshot error"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

const std::vector<std::string>& workloads() {
  static const std::vector<std::string> kAll = {"random",  "locks", "queues",   "counters", "ephemerals",
                                                "watches", "huge",  "children", "quotas"};
  return kAll;
}

Plan make_plan(std::uint64_t seed, const std::string& workload) {
  return Generator(seed).make(seed, workload);
}

std::string text_of(const Ask& ask) {
  std::string text = fmt::format("op {} {}", static_cast<int>(ask.op), ask.path);
  if (ask.path_from == Ask::From::last_created) text += "(last created)";
  if (ask.path_from == Ask::From::first_child) text += "(first child)";
  if (ask.flags != 0) text += fmt::format(" flags {}", ask.flags);
  if (ask.version != -1) text += fmt::format(" version {}", ask.version);
  if (!ask.data.empty()) text += fmt::format(" data of {}", ask.data.size());
  if (ask.watch) text += " watch";
  if (ask.type != 0) text += fmt::format(" type {}", ask.type);
  for (const Ask& part : ask.parts) text += " {" + text_of(part) + "}";
  return text;
}

std::string text_of(const Item& item) {
  std::string text = fmt::format("{:>9} us ", item.at_us);
  if (item.client >= 0) text += fmt::format("client {} ", item.client);
  if (item.kind == Item::Kind::ask) return text + (item.alone ? "alone " : "") + text_of(item.ask);
  return text + fmt::format("{} {}", name_of(item.kind), item.amount);
}

}  // namespace quoll::sim
