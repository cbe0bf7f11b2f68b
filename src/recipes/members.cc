#include "recipes/members.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/check.h"

namespace quoll::recipes {

using client::Result;
using client::Task;

Members::Members(client::Client& client, const client::World& world, std::string path)
    : steps_(client, world),
      path_(std::move(path)),
      cache_(client, world, {.path = path_, .scope = CacheScope::children}) {}

void Members::start(std::function<void(const MemberChange&)> then) {
  then_ = std::move(then);
  cache_.start([this](const CacheChange& change) { on_change(change); });
}

void Members::on_change(const CacheChange& change) {
  const auto kind = static_cast<MemberChange::Kind>(change.kind);
  if (kind >= MemberChange::Kind::settled) {
    if (then_) then_({kind});
    return;
  }
  if (change.path == path_) return;
  if (then_)
    then_({kind, {change.path.substr(path_.size() + 1), change.node.data.value_or(""), change.node.stat.czxid}});
  if (change.kind == CacheChange::Kind::removed && is_in_ && change.path == own_path()) {
    is_in_ = false;
    client::start<void>(enter(own_path(), 0), life_, nullptr);
  }
}

void Members::join(std::string id, std::string data, std::int64_t timeout_ms, client::Done<void> done) {
  QUOLL_CHECK(id_.empty() && !id.empty(), "a member joins once, with an id");
  id_ = std::move(id);
  data_ = std::move(data);
  client::start<void>(enter(own_path(), timeout_ms), life_,
                      [this, done = std::move(done)](Result<void> result) mutable {
                        if (!result) id_.clear();
                        done(std::move(result));
                      });
}

Task<Result<void>> Members::enter(std::string path, std::int64_t timeout_ms) {
  const std::int64_t until_ms = steps_.world().clock.elapsed_ms() + timeout_ms;
  const auto signal = steps_.signal();
  while (!id_.empty()) {
    const auto made = co_await steps_.create(path, data_, client::kEphemeral);
    if (made) break;
    if (made.error().code == Error::no_node) {
      if (auto parents = co_await steps_.make_path(path_); !parents) co_return parents;
      continue;
    }
    if (made.error().code != Error::node_exists) {
      if (!steps_.may_repeat(made.error())) co_return std::unexpected(made.error());
      (void)co_await steps_.pause(client::kAgainMs);
      continue;
    }
    const auto other = co_await steps_.sure_get(path, signal);
    if (!other && other.error().code == Error::no_node) continue;
    if (!other) co_return std::unexpected(other.error());
    if (other->stat.ephemeral_owner == steps_.client().session().id()) break;
    const std::int64_t left_ms =
        timeout_ms == 0 ? -1 : std::max<std::int64_t>(0, until_ms - steps_.world().clock.elapsed_ms());
    if (!co_await signal->fired(left_ms))
      co_return std::unexpected(client::Failure{
          Error::node_exists,
          client::Fate::answered,
          fmt::format("{} belongs to another session: choose another id, or wait until that session has ended", path),
          {},
          {}});
  }
  is_in_ = !id_.empty();
  // The data may have changed on the way.
  if (is_in_) co_return co_await write(data_);
  co_return Result<void>();
}

Task<Result<void>> Members::write(std::string data) {
  const std::string path = own_path();
  while (!id_.empty()) {
    const auto old = co_await steps_.sure_get(path);
    // Without the znode, it is created again with the data.
    if (!old && old.error().code == Error::no_node) co_return Result<void>();
    if (!old) co_return std::unexpected(old.error());
    if (old->data == data || data != data_) co_return Result<void>();
    const auto set = co_await steps_.set(path, data, old->stat.version);
    if (!set && set.error().code != Error::bad_version && set.error().code != Error::no_node &&
        !steps_.may_repeat(set.error()))
      co_return std::unexpected(set.error());
    if (!set) (void)co_await steps_.pause(client::kAgainMs);
  }
  co_return Result<void>();
}

void Members::set_data(std::string data, client::Done<void> done) {
  data_ = std::move(data);
  QUOLL_CHECK(!id_.empty(), "only a member has data");
  client::start<void>(write(data_), life_, std::move(done));
}

Task<Result<void>> Members::go() {
  const std::string path = own_path();
  id_.clear();
  is_in_ = false;
  co_return co_await steps_.remove_own(path);
}

void Members::leave(client::Done<void> done) {
  if (id_.empty()) return steps_.world().timers.post([done = std::move(done)]() mutable { done({}); });
  client::start<void>(go(), life_, std::move(done));
}

std::vector<Member> Members::list() const {
  std::vector<Member> all;
  for (const auto& [path, node] : cache_.nodes()) {
    if (path != path_) all.push_back({path.substr(path_.size() + 1), node.data.value_or(""), node.stat.czxid});
  }
  std::ranges::sort(all, {}, &Member::czxid);
  return all;
}

}  // namespace quoll::recipes
