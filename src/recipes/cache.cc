#include "recipes/cache.h"

#include <fmt/format.h>

#include "base/check.h"
#include "client/steps.h"

namespace quoll::recipes {

namespace {

std::string prefix_of(const std::string& path) {
  return path == "/" ? path : path + "/";
}

}  // namespace

class Cache::Eye : public client::Watcher {
 public:
  explicit Eye(Cache& cache) : cache_(cache) {}
  void on_event(const client::WatchEvent& event) override { cache_.on_event(event); }
  void on_state(client::State state) override { cache_.on_state(state); }

 private:
  Cache& cache_;
};

Cache::Cache(client::Client& client, const client::World& world, CacheOptions options)
    : client_(client), world_(world), options_(std::move(options)), round_(std::make_shared<int>()) {}

void Cache::start(std::function<void(const CacheChange&)> then) {
  QUOLL_CHECK(eye_ == nullptr, "a cache is started once");
  then_ = std::move(then);
  eye_ = std::make_shared<Eye>(*this);
  set_watch();
}

const client::NodeData* Cache::find(const std::string& path) const {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : &found->second;
}

// ---- the watch, and reading everything

void Cache::set_watch() {
  const auto mode = options_.scope == CacheScope::node ? client::AddWatchMode::persistent
                                                       : client::AddWatchMode::persistent_recursive;
  client_.add_watch(options_.path, mode, eye_, [this, round = std::weak_ptr(round_)](client::Result<void> result) {
    if (!round.expired()) on_watch(std::move(result));
  });
}

void Cache::on_watch(client::Result<void> result) {
  if (result) return walk();
  if (!client::is_passing(result.error(), client_.state())) return end(std::move(result.error()));
  again_ = world_.timers.after(client::kAgainMs, [this] { set_watch(); });
}

void Cache::walk() {
  round_ = std::make_shared<int>();
  again_.reset();
  steps_.clear();
  unasked_.clear();
  asked_ = walking_ = 0;
  state_ = State::reading;
  read(options_.path, true);
}

void Cache::on_state(client::State state) {
  if (state_ == State::ended) return;
  if (client::is_connected(state)) return walk();
  if (client::is_final(state)) {
    const Error code = state == client::State::expired       ? Error::session_expired
                       : state == client::State::auth_failed ? Error::auth_failed
                                                             : Error::connection_loss;
    return end({code,
                client::Fate::answered,
                fmt::format("the cache of {} has ended with its session", options_.path),
                {},
                {}});
  }
  round_ = std::make_shared<int>();
  again_.reset();
  steps_.clear();
  const bool was_stale = std::exchange(state_, State::stale) == State::stale;
  if (!was_stale) tell(CacheChange::Kind::stale);
}

void Cache::again_later() {
  round_ = std::make_shared<int>();
  state_ = State::reading;
  again_ = world_.timers.after(client::kAgainMs, [this] { walk(); });
}

void Cache::on_event(const client::WatchEvent& event) {
  if (state_ != State::reading && state_ != State::settled) return;
  // The events of removed watches, and of lists of children, say nothing about a znode.
  if (event.type < client::EventType::node_created || event.type >= client::EventType::node_children_changed) return;
  if (is_in_scope(event.path)) read(event.path, false);
}

bool Cache::has_children_in_scope(const std::string& path) const {
  return options_.scope == CacheScope::tree || (options_.scope == CacheScope::children && path == options_.path);
}

bool Cache::is_in_scope(const std::string& path) const {
  if (path == options_.path) return true;
  const std::string prefix = prefix_of(options_.path);
  if (options_.scope == CacheScope::node || !path.starts_with(prefix)) return false;
  return options_.scope == CacheScope::tree || path.find('/', prefix.size()) == std::string::npos;
}

// ---- steps

void Cache::read(std::string path, bool is_walk) {
  // A read that is not asked yet will see this change, too.
  if (!is_walk && unasked_.contains(path)) return;
  if (is_walk) ++walking_;
  unasked_.insert(path);
  steps_.push_back(std::make_shared<Step>(Step{.path = std::move(path), .is_walk = is_walk, .node = {}, .list = {}}));
  pump();
}

void Cache::pump() {
  while (asked_ < steps_.size() && asked_ < options_.reads_max) ask(steps_[asked_++]);
}

void Cache::ask(const std::shared_ptr<Step>& step) {
  if (step->is_list) {
    client_.children(step->path, nullptr,
                     [this, step, round = std::weak_ptr(round_)](client::Result<client::Children> result) {
                       if (round.expired()) return;
                       step->list = std::move(result);
                       apply_ready();
                     });
    return;
  }
  unasked_.erase(step->path);
  client_.get(step->path, nullptr,
              [this, step, round = std::weak_ptr(round_)](client::Result<client::NodeData> result) {
                if (round.expired()) return;
                step->node = std::move(result);
                apply_ready();
              });
}

void Cache::apply_ready() {
  const std::weak_ptr<int> round = round_;
  while (!steps_.empty() && (steps_.front()->node || steps_.front()->list)) {
    const auto step = std::move(steps_.front());
    steps_.pop_front();
    --asked_;
    if (!apply(*step) || round.expired()) return;
    if (step->is_walk && --walking_ == 0) settle();
  }
  pump();
}

// False: this round is over.
bool Cache::apply(Step& step) {
  if (step.is_list) {
    if (!*step.list && step.list->error().code != Error::no_node) return refuse(step.list->error(), step.path);
    apply_list(step.path, *step.list ? std::move((*step.list)->names) : std::vector<std::string>());
    return state_ != State::ended;
  }
  if (!*step.node) {
    if (step.node->error().code != Error::no_node) return refuse(step.node->error(), step.path);
    remove_tree(step.path);
    return true;
  }
  const std::int32_t children = (*step.node)->stat.num_children;
  apply_node(step.path, std::move(**step.node));
  if (state_ == State::ended) return false;
  if (!step.is_walk || !has_children_in_scope(step.path)) return true;
  if (children == 0) {
    remove_below(step.path, {});
    return true;
  }
  ++walking_;
  steps_.push_back(
      std::make_shared<Step>(Step{.path = step.path, .is_list = true, .is_walk = true, .node = {}, .list = {}}));
  return true;
}

bool Cache::refuse(const client::Failure& failure, const std::string& path) {
  if (failure.code == Error::no_auth && path != options_.path) {
    remove_tree(path);
    return true;
  }
  // A lost connection is told by the session, which begins the next round.
  if (failure.code == Error::connection_loss) return false;
  if (client::is_passing(failure, client_.state())) {
    again_later();
  } else {
    end(failure);
  }
  return false;
}

// ---- the copy

void Cache::apply_node(const std::string& path, client::NodeData node) {
  const auto found = nodes_.find(path);
  if (found != nodes_.end() && found->second.stat.czxid != node.stat.czxid) {
    remove_tree(path, node.stat.czxid);
    return apply_node(path, std::move(node));
  }
  if (found == nodes_.end()) {
    if (nodes_.size() >= options_.nodes_max)
      return end({Error::throttled_op,
                  client::Fate::answered,
                  fmt::format("{} has more than {} znodes, the limit of this cache: cache a smaller subtree, or set "
                              "nodes_max",
                              options_.path, options_.nodes_max),
                  {},
                  {}});
    nodes_.emplace(path, node);
    return tell(CacheChange::Kind::created, path, std::move(node));
  }
  const bool is_changed = found->second.stat.mzxid != node.stat.mzxid;
  found->second = node;
  if (is_changed) tell(CacheChange::Kind::changed, path, std::move(node));
}

void Cache::apply_list(const std::string& path, std::vector<std::string> names) {
  if (names.size() > options_.nodes_max) names.resize(options_.nodes_max + 1);
  std::ranges::sort(names);
  remove_below(path, {names.begin(), names.end()});
  for (const std::string& name : names) read(prefix_of(path) + name, true);
}

// Removes the children that are not among `kept`.
void Cache::remove_below(const std::string& path, const std::unordered_set<std::string>& kept) {
  const std::string prefix = prefix_of(path);
  std::vector<std::string> gone;
  for (auto at = nodes_.upper_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix); ++at) {
    const std::string name = at->first.substr(prefix.size());
    if (name.find('/') == std::string::npos && !kept.contains(name)) gone.push_back(at->first);
  }
  for (const std::string& each : gone) remove_tree(each);
}

// What is older than `czxid`: the rest is below the znode that has followed. Children before their parents, as on the
// server.
void Cache::remove_tree(const std::string& path, std::int64_t czxid) {
  const std::string prefix = prefix_of(path);
  std::vector<std::string> gone;
  if (nodes_.contains(path)) gone.push_back(path);
  for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix); ++at) {
    if (at->first != path && at->second.stat.czxid < czxid) gone.push_back(at->first);
  }
  for (auto each = gone.rbegin(); each != gone.rend(); ++each) {
    auto node = nodes_.extract(*each);
    tell(CacheChange::Kind::removed, *each, std::move(node.mapped()));
  }
}

void Cache::settle() {
  if (std::exchange(state_, State::settled) != State::settled) tell(CacheChange::Kind::settled);
}

void Cache::end(client::Failure why) {
  round_ = std::make_shared<int>();
  again_.reset();
  steps_.clear();
  failure_ = std::move(why);
  state_ = State::ended;
  tell(CacheChange::Kind::ended);
}

void Cache::tell(CacheChange::Kind kind, std::string path, client::NodeData node) {
  if (then_) then_({kind, std::move(path), std::move(node)});
}

}  // namespace quoll::recipes
