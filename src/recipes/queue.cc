#include "recipes/queue.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <tuple>

#include "recipes/unique.h"

namespace quoll::recipes {

using client::Result;
using client::Task;

namespace {

constexpr std::int32_t kPriorityMax = 999;

// What a name says: 500-0000000000000-<uuid>-0000000001. Others' names are no items.
struct Place {
  std::int64_t priority = 0;
  std::int64_t due_ms = 0;
  std::string number;
  std::string name;
  friend bool operator<(const Place& a, const Place& b) {
    return std::tie(a.priority, a.due_ms, a.number) < std::tie(b.priority, b.due_ms, b.number);
  }
};

std::optional<Place> place_of(const std::string& name) {
  Place place;
  const char* const end = name.data() + name.size();
  const auto priority = std::from_chars(name.data(), end, place.priority);
  if (priority.ec != std::errc() || priority.ptr == end || *priority.ptr != '-') return std::nullopt;
  const auto due = std::from_chars(priority.ptr + 1, end, place.due_ms);
  if (due.ec != std::errc() || due.ptr == end || *due.ptr != '-') return std::nullopt;
  place.number = name.substr(name.rfind('-') + 1);
  place.name = name;
  return place;
}

client::Failure not_mine(const std::string& path) {
  return {
      Error::no_node, client::Fate::answered, fmt::format("{} is not taken by this consumer any more", path), {}, {}};
}

std::vector<client::Operation> removals(std::string claim, std::string item) {
  std::vector<client::Operation> both;
  both.emplace_back(client::op::Remove{std::move(claim), client::kAnyVersion});
  both.emplace_back(client::op::Remove{std::move(item), client::kAnyVersion});
  return both;
}

}  // namespace

// The unclaimed items, in their order.
struct Queue::Lists {
  std::vector<std::string> due;
  std::int64_t next_due_ms = INT64_MAX;  // of those that are not due yet
};

Queue::Queue(client::Client& client, const client::World& world, QueueOptions options)
    : steps_(client, world),
      options_(std::move(options)),
      items_(options_.path + "/items"),
      claims_(options_.path + "/claims"),
      own_(uuid(world.random)) {}

Task<Result<void>> Queue::make_paths() {
  if (auto made = co_await steps_.make_path(claims_); !made) co_return made;
  co_return co_await steps_.make_path(items_);
}

// ---- putting

void Queue::put(std::string data, PutOptions options, client::Done<void> done) {
  client::start<void>(put_once(std::move(data), options), life_, std::move(done));
}

Task<Result<void>> Queue::put_once(std::string data, PutOptions options) {
  const std::int64_t due_ms = options.delay_ms > 0 ? now_ms() + options.delay_ms : 0;
  const std::string part = fmt::format("{:03}-{:013}-{}-", std::clamp(options.priority, 0, kPriorityMax), due_ms,
                                       uuid(steps_.world().random));
  while (true) {
    const auto items = co_await steps_.sure_exists(items_);
    if (!items) co_return std::unexpected(items.error());
    if (*items && (*items)->num_children >= options_.items_max)
      co_return std::unexpected(client::Failure{Error::quota_exceeded,
                                                client::Fate::answered,
                                                fmt::format("{} has {} items, the limit of this queue: put again when "
                                                            "some are done",
                                                            options_.path, (*items)->num_children),
                                                {},
                                                {}});
    const auto made = co_await steps_.create(items_ + "/" + part, data, client::kPersistentSequential);
    if (made) co_return Result<void>();
    if (made.error().code == Error::no_node) {
      if (auto paths = co_await make_paths(); !paths) co_return paths;
      continue;
    }
    if (!steps_.may_repeat(made.error())) co_return std::unexpected(made.error());
    (void)co_await steps_.pause(client::kAgainMs);
    if (made.error().fate != client::Fate::may_be_applied) continue;
    const auto found = co_await is_there(part);
    if (!found) co_return std::unexpected(found.error());
    if (*found) co_return Result<void>();
  }
}

// An item that has been acknowledged already is put again: at least once is what a queue promises.
Task<Result<bool>> Queue::is_there(std::string part) {
  if (auto ordered = co_await steps_.sure_order(items_); !ordered) co_return std::unexpected(ordered.error());
  const auto items = co_await steps_.sure_children(items_);
  if (!items && items.error().code == Error::no_node) co_return false;
  if (!items) co_return std::unexpected(items.error());
  co_return std::ranges::any_of(items->names, [&](const std::string& name) { return name.starts_with(part); });
}

// ---- taking

void Queue::take(std::int64_t timeout_ms, client::Done<QueueItem> done) {
  client::start<QueueItem>(take_first(timeout_ms), life_, std::move(done));
}

Task<Result<Queue::Lists>> Queue::read(std::shared_ptr<client::Signal> signal) {
  while (true) {
    const auto items = co_await steps_.sure_children(items_, signal);
    if (!items && items.error().code == Error::no_node) {
      if (auto made = co_await make_paths(); !made) co_return std::unexpected(made.error());
      continue;
    }
    if (!items) co_return std::unexpected(items.error());
    const auto claims = co_await steps_.sure_children(claims_, signal);
    if (!claims) co_return std::unexpected(claims.error());
    const std::set<std::string> claimed(claims->names.begin(), claims->names.end());
    std::vector<Place> places;
    Lists lists;
    for (const std::string& name : items->names) {
      auto place = place_of(name);
      if (!place || claimed.contains(name) || taken_.contains(name)) continue;
      if (place->due_ms > now_ms()) {
        lists.next_due_ms = std::min(lists.next_due_ms, place->due_ms);
      } else {
        places.push_back(std::move(*place));
      }
    }
    std::ranges::sort(places, std::less());
    for (Place& each : places) lists.due.push_back(std::move(each.name));
    co_return lists;
  }
}

Task<Result<QueueItem>> Queue::take_first(std::int64_t timeout_ms) {
  const std::int64_t until_ms = timeout_ms == 0 ? INT64_MAX : now_ms() + timeout_ms;
  const auto signal = steps_.signal();
  while (true) {
    const auto lists = co_await read(signal);
    if (!lists) co_return std::unexpected(lists.error());
    for (const std::string& name : lists->due) {
      if (taken_.contains(name)) continue;
      auto item = co_await claim(name);
      if (!item) co_return std::unexpected(item.error());
      if (*item) co_return std::move(**item);
    }
    const std::int64_t next_ms = std::min(lists->next_due_ms, until_ms);
    if (now_ms() >= until_ms)
      co_return std::unexpected(client::Failure{Error::request_timeout,
                                                client::Fate::answered,
                                                fmt::format("{} had no item for this consumer in time", options_.path),
                                                {},
                                                {}});
    (void)co_await signal->fired(next_ms == INT64_MAX ? -1 : std::max<std::int64_t>(0, next_ms - now_ms()));
  }
}

// Nothing: somebody else was faster.
Task<Result<std::optional<QueueItem>>> Queue::claim(std::string name) {
  const std::string path = claims_ + "/" + name;
  taken_.insert(name);
  while (true) {
    const auto made = co_await steps_.create(path, own_, client::kEphemeral);
    if (made) break;
    if (made.error().code == Error::node_exists) {
      const auto other = co_await steps_.sure_get(path);
      if (other && other->data == own_) break;
      taken_.erase(name);
      if (other || other.error().code == Error::no_node) co_return std::optional<QueueItem>();
      co_return std::unexpected(other.error());
    }
    if (!steps_.may_repeat(made.error())) {
      taken_.erase(name);
      co_return std::unexpected(made.error());
    }
    (void)co_await steps_.pause(client::kAgainMs);
  }
  const auto item = co_await steps_.sure_get(items_ + "/" + name);
  if (item) {
    QueueItem taken;
    taken.name = name;
    taken.data = item->data.value_or("");
    co_return taken;
  }
  (void)co_await steps_.remove_own(path);
  taken_.erase(name);
  if (item.error().code == Error::no_node) co_return std::optional<QueueItem>();
  co_return std::unexpected(item.error());
}

// ---- the end of an item

void Queue::acknowledge(std::string name, client::Done<void> done) {
  client::start<void>(remove_both(std::move(name)), life_, std::move(done));
}

Task<Result<void>> Queue::remove_both(std::string name) {
  const std::string claim = claims_ + "/" + name;
  const std::string item = items_ + "/" + name;
  if (!taken_.contains(name)) co_return std::unexpected(not_mine(item));
  bool was_lost = false;
  while (true) {
    auto operations = removals(claim, item);
    const auto removed = co_await steps_.multi(std::move(operations));
    if (removed) break;
    // An earlier attempt has done it.
    if (was_lost && removed.error().code == Error::no_node) break;
    client::Failure failure = removed.error();
    if (!steps_.may_repeat(failure)) {
      taken_.erase(name);
      if (failure.code == Error::no_node) co_return std::unexpected(not_mine(item));
      if (was_lost) failure.fate = client::Fate::may_be_applied;
      co_return std::unexpected(std::move(failure));
    }
    was_lost = was_lost || removed.error().fate == client::Fate::may_be_applied;
    (void)co_await steps_.pause(client::kAgainMs);
  }
  taken_.erase(name);
  co_return Result<void>();
}

void Queue::give_back(std::string name, client::Done<void> done) {
  client::start<void>(unclaim(std::move(name)), life_, std::move(done));
}

Task<Result<void>> Queue::unclaim(std::string name) {
  if (!taken_.contains(name)) co_return std::unexpected(not_mine(items_ + "/" + name));
  auto removed = co_await steps_.remove_own(claims_ + "/" + name);
  taken_.erase(name);
  co_return removed;
}

}  // namespace quoll::recipes
