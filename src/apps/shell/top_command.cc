// The command top: which znodes of a subtree change most.
#include <algorithm>
#include <boost/json/array.hpp>
#include <condition_variable>
#include <fmt/format.h>
#include <map>
#include <mutex>

#include "apps/shell/handlers.h"
#include "apps/shell/text.h"

namespace quoll::apps::shell {

namespace {

constexpr std::size_t kPathsShown = 10;
// Paths that are counted in one interval; changes of others are counted together.
constexpr std::size_t kPathsMax = 100'000;

// Counts changes by their paths.
class Tally : public client::Watcher {
 public:
  struct Counts {
    std::int64_t changes = 0;
    std::map<std::string, std::int64_t> by_path;
    bool is_over = false;
  };
  void on_event(const client::WatchEvent& event) override {
    const std::lock_guard lock(mutex_);
    ++counts_.changes;
    if (counts_.by_path.size() < kPathsMax || counts_.by_path.contains(event.path)) ++counts_.by_path[event.path];
  }
  void on_state(client::State state) override {
    const std::lock_guard lock(mutex_);
    if (client::is_final(state)) counts_.is_over = true;
    over_.notify_all();
  }
  // What has come in this time, or until the session was over.
  Counts after(std::chrono::milliseconds interval) {
    std::unique_lock lock(mutex_);
    over_.wait_for(lock, interval, [this] { return counts_.is_over; });
    Counts taken = std::exchange(counts_, {});
    counts_.is_over = taken.is_over;
    return taken;
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  Counts counts_;
};

std::vector<std::pair<std::string, std::int64_t>> most(const Tally::Counts& counts) {
  std::vector<std::pair<std::string, std::int64_t>> all(counts.by_path.begin(), counts.by_path.end());
  std::ranges::stable_sort(all, std::ranges::greater(), &std::pair<std::string, std::int64_t>::second);
  all.resize(std::min(all.size(), kPathsShown));
  return all;
}

void say_counts(Shell& shell, const Tally::Counts& counts, std::int64_t interval_ms) {
  if (shell.json()) {
    boost::json::array paths;
    for (const auto& [path, changes] : most(counts)) paths.push_back({{"path", path}, {"changes", changes}});
    shell.say_json({{"interval_ms", interval_ms}, {"changes", counts.changes}, {"paths", std::move(paths)}});
    return;
  }
  shell.say_line(fmt::format("{} changes in {} ms", counts.changes, interval_ms));
  for (const auto& [path, changes] : most(counts)) shell.say_line(fmt::format("{:>8}  {}", changes, path));
}

}  // namespace

int run_top(Shell& shell, const Words& words) {
  const std::string path = words.words.size() > 1 ? words.at(1) : "/";
  const auto count = number_of<std::int64_t>(words.value("count").value_or(std::to_string(INT64_MAX)));
  const auto interval_ms = number_of<std::int64_t>(words.value("interval").value_or("2000"));
  if (!count || !interval_ms || *count < 1 || *interval_ms < 1) return shell.misused(*find_command("top"));
  const auto tally = std::make_shared<Tally>();
  const auto added = shell.zk().wait<void>([&](client::Client& zk, auto done) {
    zk.add_watch(path, client::AddWatchMode::persistent_recursive, tally, std::move(done));
  });
  if (!added) return shell.failed(added.error(), path);
  for (std::int64_t shown = 0; shown < *count; ++shown) {
    const Tally::Counts counts = tally->after(std::chrono::milliseconds(*interval_ms));
    say_counts(shell, counts, *interval_ms);
    std::fflush(stdout);
    if (!counts.is_over) continue;
    shell.complain("The session is over");
    return kFailed;
  }
  return kDone;
}

}  // namespace quoll::apps::shell
