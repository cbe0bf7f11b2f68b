#include "recipes/cluster.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/check.h"
#include "recipes/guard.h"

namespace quoll::recipes {

using client::Result;
using client::Task;

namespace {

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) lines.insert(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

Cluster::Cluster(client::Client& client, const client::World& world, ClusterOptions options)
    : steps_(client, world),
      world_(world),
      options_(std::move(options)),
      members_(client, world, options_.path + "/members"),
      work_(client, world, {.path = options_.path + "/work", .scope = CacheScope::children}),
      assigned_(client, world, {.path = options_.path + "/assigned", .scope = CacheScope::children}),
      line_(client, world, {.path = options_.path + "/master", .name = "latch-", .data = options_.id}),
      changed_(steps_.signal()),
      job_gone_(steps_.signal()) {}

void Cluster::start(std::function<void(const ClusterEvent&)> then, client::Done<void> done) {
  then_ = std::move(then);
  client::start<void>(join(), life_, std::move(done));
}

Task<Result<void>> Cluster::join() {
  for (const char* const name : {"/members", "/work", "/assigned", "/claims"}) {
    if (auto made = co_await steps_.make_path(options_.path + name); !made) co_return made;
  }
  members_.start([this](const MemberChange& change) { on_member(change); });
  work_.start([this](const CacheChange& change) { on_cache(change); });
  assigned_.start([this](const CacheChange& change) { on_cache(change); });
  auto in = co_await client::Awaited<void>(
      [this](client::Done<void> done) { members_.join(options_.id, options_.data, 0, std::move(done)); });
  if (!in || is_leaving_) co_return in;
  line_.on_lost([this] {
    tell(ClusterEvent::Kind::not_master);
    leading_.end();
    stand();
  });
  stand();
  co_return in;
}

void Cluster::tell(ClusterEvent::Kind kind, std::string name, std::string data) {
  if (then_) then_({kind, std::move(name), std::move(data)});
}

void Cluster::on_member(const MemberChange& change) {
  using Kind = MemberChange::Kind;
  if (change.kind == Kind::joined) tell(ClusterEvent::Kind::joined, change.member.id, change.member.data);
  if (change.kind == Kind::changed) tell(ClusterEvent::Kind::changed, change.member.id, change.member.data);
  if (change.kind == Kind::left) tell(ClusterEvent::Kind::left, change.member.id, change.member.data);
  if (change.kind == Kind::ended) return end_all();
  changed_->fire();
}

void Cluster::on_cache(const CacheChange& change) {
  if (change.kind == CacheChange::Kind::ended) return end_all();
  changed_->fire();
  if (assigned_.is_settled()) compare_jobs();
}

void Cluster::end_all() {
  if (std::exchange(is_over_, true)) return;
  jobs_.clear();
  tell(ClusterEvent::Kind::ended);
}

// ---- a member's work

void Cluster::compare_jobs() {
  if (is_leaving_ || is_over_) return;
  const auto* const own = assigned_.find(assigned_.path() + "/" + options_.id);
  const auto wanted = own == nullptr ? std::set<std::string>() : lines_of(own->data.value_or(""));
  for (auto& [item, job] : jobs_) {
    if (std::exchange(job.is_wanted, wanted.contains(item)) != wanted.contains(item)) job.changed->fire();
  }
  for (const std::string& item : wanted) {
    const auto* const node = work_.find(work_.path() + "/" + item);
    if (node == nullptr || jobs_.contains(item)) continue;
    jobs_[item] = {.data = node->data.value_or(""), .changed = steps_.signal()};
    client::start<void>(work_on(item), life_, nullptr);
  }
}

// The whole life of one item with this member. The entry of the item is this task's to remove.
Task<Result<void>> Cluster::work_on(std::string item) {
  const auto changed = jobs_.at(item).changed;
  const auto is_mine = [&] { return !is_over_ && jobs_.contains(item); };
  const auto claimed = co_await claim(item);
  if (!is_mine()) co_return Result<void>();
  if (claimed && *claimed) {
    jobs_.at(item).state = Job::State::working;
    tell(ClusterEvent::Kind::begin, item, jobs_.at(item).data);
    while (is_mine() && jobs_.at(item).is_wanted) (void)co_await changed->fired();
    if (!is_mine()) co_return Result<void>();
    jobs_.at(item).state = Job::State::ending;
    tell(ClusterEvent::Kind::end, item);
    while (is_mine() && !jobs_.at(item).is_finished) (void)co_await changed->fired();
    if (!is_mine()) co_return Result<void>();
    jobs_.at(item).state = Job::State::claiming;
  }
  if (!claimed) (void)co_await steps_.pause(client::kAgainMs);
  // Also a claim whose answer was lost.
  (void)co_await steps_.remove_own(claim_of(item));
  if (!is_mine()) co_return Result<void>();
  jobs_.erase(item);
  job_gone_->fire();
  compare_jobs();
  co_return Result<void>();
}

// True: this session has the claim. False: it is not wanted any more.
Task<Result<bool>> Cluster::claim(std::string item) {
  const auto changed = jobs_.at(item).changed;
  const std::string path = claim_of(item);
  while (!is_over_ && jobs_.contains(item) && jobs_.at(item).is_wanted) {
    const auto made = co_await steps_.create(path, options_.id, client::kEphemeral);
    if (made) co_return true;
    if (made.error().code != Error::node_exists) {
      if (!steps_.may_repeat(made.error())) co_return std::unexpected(made.error());
      (void)co_await steps_.pause(client::kAgainMs);
      continue;
    }
    const auto other = co_await steps_.sure_get(path, changed);
    if (other && other->stat.ephemeral_owner == steps_.client().session().id()) co_return true;
    if (!other && other.error().code != Error::no_node) co_return std::unexpected(other.error());
    if (other) (void)co_await changed->fired();
  }
  co_return false;
}

void Cluster::finished(const std::string& item) {
  const auto job = jobs_.find(item);
  if (job == jobs_.end() || job->second.state != Job::State::ending) return;
  job->second.is_finished = true;
  job->second.changed->fire();
}

void Cluster::write(const std::string& item, const std::vector<client::Operation>& operations,
                    client::Done<std::vector<client::OperationResult>> done) {
  // A claim has version 0 all its life, but another member's has, too: the session decides. Only this session's claim
  // can be there while this member has the job; after the session's end nothing of it is accepted.
  const auto job = jobs_.find(item);
  if (job == jobs_.end() || job->second.state == Job::State::claiming) {
    client::Failure none{Error::no_node,
                         client::Fate::not_sent,
                         fmt::format("this member does not work on {}; nothing was written", item),
                         0,
                         {}};
    return world_.timers.post(
        [none = std::move(none), done = std::move(done)]() mutable { done(std::unexpected(std::move(none))); });
  }
  std::vector<client::Operation> all{client::op::Check{claim_of(item), client::kAnyVersion}};
  all.insert(all.end(), operations.begin(), operations.end());
  steps_.client().multi(all, [done = std::move(done)](Result<std::vector<client::OperationResult>> result) mutable {
    if (result) result->erase(result->begin());
    done(std::move(result));
  });
}

std::vector<std::string> Cluster::work() const {
  std::vector<std::string> items;
  for (const auto& [item, job] : jobs_) {
    if (job.state != Job::State::claiming) items.push_back(item);
  }
  return items;
}

bool Cluster::surely_works_on(const std::string& item) const {
  const auto job = jobs_.find(item);
  const auto& session = steps_.client().session();
  return job != jobs_.end() && job->second.state != Job::State::claiming && !client::is_final(session.state()) &&
         world_.clock.elapsed_us() - session.proven_us() < session.timeout_ms() * 1000 * 2 / 3;
}

// ---- the master's work

void Cluster::stand() {
  if (is_leaving_ || client::is_final(steps_.client().state())) return;
  line_.acquire(0, [this](const Result<Token>& token) {
    if (!token) {
      // Not while the line is still in its own function.
      if (!is_leaving_) again_ = world_.timers.after(client::kAgainMs, [this] { stand(); });
      return;
    }
    tell(ClusterEvent::Kind::master);
    changed_->fire();
    client::start<void>(lead(), leading_, nullptr);
  });
}

Task<Result<void>> Cluster::lead() {
  while (true) {
    (void)co_await changed_->fired();
    if (!members_.is_settled() || !work_.is_settled() || !assigned_.is_settled()) continue;
    auto operations = difference();
    if (operations.empty()) continue;
    using Results = std::vector<client::OperationResult>;
    const auto written = co_await client::Awaited<Results>(
        [&](client::Done<Results> done) { Guard(line_).multi(operations, std::move(done)); });
    if (written) continue;
    // The caches may be behind, or the connection is lost: what is right is computed anew.
    (void)co_await steps_.pause(client::kAgainMs);
    changed_->fire();
  }
}

std::vector<client::Operation> Cluster::difference() const {
  std::set<std::string> items;
  for (const auto& [path, node] : work_.nodes()) {
    if (path != work_.path()) items.insert(path.substr(work_.path().size() + 1));
  }
  std::vector<std::string> ids;
  for (const Member& each : members_.list()) ids.push_back(each.id);
  Assignment current;
  for (const auto& [path, node] : assigned_.nodes()) {
    if (path != assigned_.path()) current[path.substr(assigned_.path().size() + 1)] = lines_of(node.data.value_or(""));
  }
  std::vector<client::Operation> operations;
  const Assignment plan = balance(ids, items, current);
  for (const auto& [id, own] : plan) {
    const std::string path = assigned_.path() + "/" + id;
    const auto* const node = assigned_.find(path);
    const std::string text = fmt::format("{}", fmt::join(own, "\n"));
    if (node == nullptr) operations.emplace_back(client::op::Create{path, text, {}});
    if (node != nullptr && current[id] != own) operations.emplace_back(client::op::Set{path, text, node->stat.version});
  }
  for (const auto& [id, own] : current) {
    const std::string path = assigned_.path() + "/" + id;
    if (!plan.contains(id)) operations.emplace_back(client::op::Remove{path, assigned_.find(path)->stat.version});
  }
  return operations;
}

// ---- from outside

Task<Result<void>> Cluster::put_work(std::string path, std::string data) {
  while (true) {
    if (auto made = co_await steps_.make_path(path.substr(0, path.rfind('/'))); !made) co_return made;
    const auto made = co_await steps_.create(path, data);
    if (made) co_return Result<void>();
    if (made.error().code == Error::node_exists) {
      const auto set = co_await steps_.set(path, data);
      if (set) co_return Result<void>();
      if (set.error().code != Error::no_node && !steps_.may_repeat(set.error())) co_return std::unexpected(set.error());
    } else if (!steps_.may_repeat(made.error())) {
      co_return std::unexpected(made.error());
    }
    (void)co_await steps_.pause(client::kAgainMs);
  }
}

void Cluster::add_work(std::string item, std::string data, client::Done<void> done) {
  client::start<void>(put_work(work_.path() + "/" + item, std::move(data)), life_, std::move(done));
}

void Cluster::remove_work(std::string item, client::Done<void> done) {
  client::start<void>(steps_.sure_remove(work_.path() + "/" + item), life_, std::move(done));
}

Task<Result<void>> Cluster::quit() {
  for (auto& [item, job] : jobs_) {
    job.is_wanted = false;
    job.is_finished = true;
    job.changed->fire();
  }
  while (!jobs_.empty()) (void)co_await job_gone_->fired();
  auto left = co_await client::Awaited<void>([this](client::Done<void> done) { members_.leave(std::move(done)); });
  (void)co_await released();
  co_return left;
}

client::Awaited<void> Cluster::released() {
  return client::Awaited<void>(
      [this](client::Done<void> done) { line_.release([done = std::move(done)]() mutable { done({}); }); });
}

void Cluster::leave(client::Done<void> done) {
  is_leaving_ = true;
  again_.reset();
  leading_.end();
  client::start<void>(quit(), life_, std::move(done));
}

}  // namespace quoll::recipes
