// Commands for quotas: setquota, listquota, delquota. A quota is a znode below /zookeeper/quota whose text is the
// limits.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "apps/shell/handlers.h"
#include "apps/shell/walk.h"
#include "tree/quota.h"
#include "types/path.h"

namespace quoll::apps::shell {

namespace {

using tree::StatsTrack;

struct Limits {
  std::int64_t count = -1;
  std::int64_t bytes = -1;
  std::int64_t count_hard = -1;
  std::int64_t bytes_hard = -1;

  static Limits of(const StatsTrack& track) {
    return {track.count(), track.bytes(), track.count_hard_limit(), track.byte_hard_limit()};
  }
  [[nodiscard]] std::string text() const {
    return fmt::format("count={},bytes={}=;byteHardLimit={};countHardLimit={}", count, bytes, bytes_hard, count_hard);
  }
};

// The limits at this path; an empty text stands for none, as in Apache's parser.
client::Result<StatsTrack> track_at(Shell& shell, const std::string& path) {
  const auto got = shell.zk().get(path);
  if (!got) return std::unexpected(got.error());
  const auto track = StatsTrack::parse(got->data.value_or(""));
  if (track) return *track;
  return std::unexpected(client::Failure{Error::data_inconsistency,
                                         client::Fate::answered,
                                         fmt::format("{} holds no quota: {}", path, got->data.value_or("null")),
                                         {},
                                         {}});
}

// The first flag that is given, with its limit. nullopt: none can be used, which has been said.
std::optional<Limits> limits_of(Shell& shell, const Words& words) {
  Limits limits;
  struct Each {
    const char* flag;
    std::int64_t* limit;
    bool is_count;
  };
  const std::array<Each, 4> all{Each{"n", &limits.count, true}, Each{"b", &limits.bytes, false},
                                Each{"N", &limits.count_hard, true}, Each{"B", &limits.bytes_hard, false}};
  if (words.flags.empty()) {
    shell.complain(
        "Missing required option: [-n num soft quota, -b bytes soft quota, -N num hard quota, -B bytes hard quota]");
    shell.misused(*find_command("setquota"));
    return std::nullopt;
  }
  if (words.flags.size() > 1) {
    shell.complain("Only one of -n, -b, -N and -B can be set at a time");
    return std::nullopt;
  }
  for (const auto& [flag, limit, is_count] : all) {
    const auto text = words.value(flag);
    if (!text) continue;
    const auto value = number_of<std::int64_t>(*text);
    if (!value || (is_count && *value != static_cast<std::int32_t>(*value)))
      return shell.complain("NumberFormatException happens when parsing the option value"), std::nullopt;
    if (is_count && *value <= 0) return shell.complain("the num quota must be greater than zero"), std::nullopt;
    if (!is_count && *value < 0)
      return shell.complain("the bytes quota must be greater than or equal to zero"), std::nullopt;
    *limit = *value;
  }
  return limits;
}

// A quota below or above excludes one at `path`: which one; empty if there is none.
client::Result<std::string> other_quota(Shell& shell, const std::string& path) {
  std::string found;
  const std::string root(path::kQuota);
  const auto walked = walk(shell, root + path, nullptr, [&](const std::string& each) {
    if (found.empty() && path::name(each) == path::kLimitNode && path::parent(each) != root + path)
      found = fmt::format("{} has a child {} which has a quota", path, path::parent(each).substr(root.size()));
  });
  if (!walked && walked.error().code != Error::no_node) return std::unexpected(walked.error());
  for (auto slash = path.find('/', 1); found.empty() && slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string above = path.substr(0, slash);
    const auto has = shell.zk().exists(tree::limit_path(above));
    if (!has) return std::unexpected(has.error());
    if (*has) found = fmt::format("{} has a parent {} which has a quota", path, above);
  }
  return found;
}

// Creates a znode, and those above it, unless they exist. It asks first: a refused write would still be a transaction.
client::Result<void> ensure(Shell& shell, const std::string& path) {
  for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string each = path.substr(0, slash);
    const auto exists = shell.zk().exists(each);
    if (!exists) return std::unexpected(exists.error());
    if (!*exists) {
      const auto created = shell.zk().create(each, std::nullopt, {});
      if (!created && created.error().code != Error::node_exists) return std::unexpected(created.error());
    }
    if (slash == std::string::npos) return {};
  }
}

void warn_if_exceeded(Shell& shell, const Limits& limits, const StatsTrack& used) {
  const auto below = [](std::int64_t limit, std::int64_t value) { return limit > -1 && limit < value; };
  if (below(limits.count, used.count()) || below(limits.count_hard, used.count()))
    shell.say_line(
        fmt::format("[Warning]: the count quota you create is less than the existing count:{}", used.count()));
  if (below(limits.bytes, used.bytes()) || below(limits.bytes_hard, used.bytes()))
    shell.say_line(
        fmt::format("[Warning]: the bytes quota you create is less than the existing bytes:{}", used.bytes()));
}

client::Result<void> write_quota(Shell& shell, const std::string& path, const Limits& wanted) {
  const std::string limit_path = tree::limit_path(path);
  const std::string stat_path = tree::stat_path(path);
  if (auto ready = ensure(shell, std::string(path::kQuota) + path); !ready) return ready;
  Limits limits = wanted;
  const auto exists = shell.zk().exists(limit_path);
  if (!exists) return std::unexpected(exists.error());
  if (*exists) {
    const auto old = track_at(shell, limit_path);
    if (!old) return std::unexpected(old.error());
    limits = Limits::of(*old);
    for (const auto field : {&Limits::count, &Limits::bytes, &Limits::count_hard, &Limits::bytes_hard}) {
      if (wanted.*field > -1) limits.*field = wanted.*field;
    }
  } else {
    if (const auto created = shell.zk().create(limit_path, limits.text(), {}); !created)
      return std::unexpected(created.error());
    if (const auto created = shell.zk().create(stat_path, "count=0,bytes=0", {}); !created)
      return std::unexpected(created.error());
  }
  const auto used = track_at(shell, stat_path);
  if (!used) return std::unexpected(used.error());
  warn_if_exceeded(shell, limits, *used);
  if (!*exists) return {};
  const auto set = shell.zk().set(limit_path, limits.text(), client::kAnyVersion);
  return set ? client::Result<void>() : std::unexpected(set.error());
}

}  // namespace

int run_set_quota(Shell& shell, const Words& words) {
  if (!words.flags.empty() && words.words.size() < 2) return shell.misused(*find_command("setquota"));
  const std::string path = words.at(1);
  if (path.starts_with(path::kQuota)) {
    shell.complain(fmt::format("cannot set a quota under the path: {}", path::kQuota));
    return kFailed;
  }
  const auto limits = limits_of(shell, words);
  if (!limits) return kFailed;
  const auto exists = shell.zk().exists(path);
  if (!exists) return shell.failed(exists.error(), path);
  if (!*exists) return shell.complain(fmt::format("{} does not exist.", path)), kFailed;
  const auto other = other_quota(shell, path);
  if (!other) return shell.failed(other.error(), path);
  if (!other->empty()) return shell.complain(*other), kFailed;
  const auto written = write_quota(shell, path, *limits);
  return written ? kDone : shell.failed(written.error(), path);
}

int run_list_quota(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  if (!shell.json()) shell.complain(fmt::format("absolute path is {}", tree::limit_path(path)));
  const auto limits = track_at(shell, tree::limit_path(path));
  const auto used = limits ? track_at(shell, tree::stat_path(path)) : limits;
  if (!used) {
    if (used.error().code != Error::no_node || shell.json()) return shell.failed(used.error(), path);
    shell.complain(fmt::format("quota for {} does not exist.", path));
    return kFailed;
  }
  if (shell.json()) {
    shell.say_json({{"path", path}, {"limits", limits->text()}, {"used", used->text()}});
    return kDone;
  }
  shell.say_line(fmt::format("Output quota for {} {}", path, limits->text()));
  shell.say_line(fmt::format("Output stat for {} {}", path, used->text()));
  return kDone;
}

int run_delete_quota(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const std::string limit_path = tree::limit_path(path);
  const auto exists = shell.zk().exists(limit_path);
  if (!exists) return shell.failed(exists.error(), path);
  if (!*exists) return shell.say_line(fmt::format("Quota does not exist for {}", path)), kFailed;
  if (!words.flags.empty()) {
    const auto old = track_at(shell, limit_path);
    if (!old) return shell.failed(old.error(), path);
    Limits limits = Limits::of(*old);
    if (words.has("n")) limits.count = -1;
    if (words.has("b")) limits.bytes = -1;
    if (words.has("N")) limits.count_hard = -1;
    if (words.has("B")) limits.bytes_hard = -1;
    const auto set = shell.zk().set(limit_path, limits.text(), client::kAnyVersion);
    return set ? kDone : shell.failed(set.error(), path);
  }
  for (const std::string& each : {limit_path, tree::stat_path(path)}) {
    const auto removed = shell.zk().remove(each, client::kAnyVersion);
    if (!removed && removed.error().code != Error::no_node) return shell.failed(removed.error(), each);
  }
  // What was made for this quota alone goes, too.
  for (std::string at = std::string(path::kQuota) + path; at != path::kQuota; at = path::parent(at)) {
    const auto stat = shell.zk().exists(at);
    if (!stat) return shell.failed(stat.error(), at);
    if (!*stat || (*stat)->num_children > 0) break;
    const auto removed = shell.zk().remove(at, client::kAnyVersion);
    if (!removed) return shell.failed(removed.error(), at);
  }
  return kDone;
}

}  // namespace quoll::apps::shell
