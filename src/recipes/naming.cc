#include "recipes/naming.h"

#include <algorithm>
#include <fmt/format.h>

#include "recipes/unique.h"

namespace quoll::recipes {

using client::Failure;
using client::Fate;
using client::Result;
using client::Task;
using Operations = std::vector<client::Operation>;

namespace {

constexpr std::size_t kIdBytes = 36;  // of uuid()

std::optional<Failure> trouble_of(const std::string& name) {
  const std::string trouble = name.contains('/') ? "it has a slash" : client::path_trouble("/" + name);
  if (!name.empty() && trouble.empty()) return std::nullopt;
  return Failure{Error::bad_arguments, Fate::not_sent, fmt::format("\"{}\" is no name: {}", name, trouble), {}, {}};
}

}  // namespace

Names::Names(client::Client& client, const client::World& world, std::string path)
    : steps_(client, world),
      names_(path + "/names"),
      owners_(path + "/owners"),
      numbers_(client, world, path + "/next"),
      cache_(client, world, {.path = names_, .scope = CacheScope::children}) {}

// ---- claims

Task<Result<void>> Names::make_parents() {
  if (auto made = co_await steps_.make_path(names_); !made) co_return made;
  co_return co_await steps_.make_path(owners_);
}

Task<Result<bool>> Names::has_happened(Claim claim) {
  const std::string path = owner_path(claim);
  if (auto ordered = co_await steps_.sure_order(path); !ordered) co_return std::unexpected(ordered.error());
  const auto found = co_await steps_.sure_exists(path);
  if (!found) co_return std::unexpected(found.error());
  co_return found->has_value();
}

Task<Result<Claim>> Names::claimed(std::string name, std::string data, Lifetime lifetime) {
  if (auto trouble = trouble_of(name)) co_return std::unexpected(std::move(*trouble));
  const Claim claim{name, uuid(steps_.world().random)};
  client::CreateOptions how;
  how.mode.ephemeral = lifetime == Lifetime::session;
  const Operations both{client::op::Create{owner_path(claim), client::Bytes(""), how},
                        client::op::Create{name_path(name), client::Bytes(data), how}};
  while (true) {
    const auto made = co_await steps_.multi(both);
    if (made) co_return claim;
    const Failure& why = made.error();
    if (why.code == Error::no_node) {
      if (auto parents = co_await make_parents(); !parents) co_return std::unexpected(parents.error());
      continue;
    }
    if (why.fate == Fate::may_be_applied) {
      auto happened = co_await has_happened(claim);
      if (!happened) {
        happened.error().fate = Fate::may_be_applied;
        co_return std::unexpected(happened.error());
      }
      if (*happened) co_return claim;
      continue;
    }
    if (!steps_.may_repeat(why)) co_return std::unexpected(why);
    (void)co_await steps_.pause(client::kAgainMs);
  }
}

Task<Result<Claim>> Names::claimed_next(std::string prefix, std::string data, Lifetime lifetime) {
  while (true) {
    const auto number = co_await numbers_.added(1);
    if (!number) {
      if (!steps_.may_repeat(number.error())) co_return std::unexpected(number.error());
      (void)co_await steps_.pause(client::kAgainMs);
      continue;
    }
    auto claim = co_await claimed(prefix + std::to_string(*number), data, lifetime);
    if (claim || claim.error().code != Error::node_exists) co_return claim;
  }
}

// ---- what owners do

Task<Result<void>> Names::changed(Claim claim, std::string data) {
  const Operations operations{client::op::Check{owner_path(claim), client::kAnyVersion},
                              client::op::Set{name_path(claim.name), client::Bytes(data), client::kAnyVersion}};
  while (true) {
    const auto set = co_await steps_.multi(operations);
    if (set) co_return Result<void>();
    if (!steps_.may_repeat(set.error())) co_return std::unexpected(set.error());
    (void)co_await steps_.pause(client::kAgainMs);
  }
}

Task<Result<void>> Names::released(Claim claim) {
  const Operations operations{client::op::Remove{owner_path(claim)}, client::op::Remove{name_path(claim.name)}};
  while (true) {
    const auto removed = co_await steps_.multi(operations);
    if (removed || removed.error().code == Error::no_node) co_return Result<void>();
    if (!steps_.may_repeat(removed.error())) co_return std::unexpected(removed.error());
    (void)co_await steps_.pause(client::kAgainMs);
  }
}

Task<Result<void>> Names::evicted(std::string name) {
  if (auto trouble = trouble_of(name)) co_return std::unexpected(std::move(*trouble));
  while (true) {
    // The connected server shows then what this session has heard of.
    if (auto ordered = co_await steps_.sure_order(name_path(name)); !ordered) co_return ordered;
    const auto found = co_await steps_.sure_exists(name_path(name));
    if (!found) co_return std::unexpected(found.error());
    const auto owners = co_await steps_.sure_children(owners_);
    if (!owners && owners.error().code != Error::no_node) co_return std::unexpected(owners.error());
    Operations operations;
    if (*found) operations.emplace_back(client::op::Remove{name_path(name)});
    if (owners) {
      for (const std::string& each : owners->names) {
        if (each.size() == name.size() + 1 + kIdBytes && each.starts_with(name + ":"))
          operations.emplace_back(client::op::Remove{owners_ + "/" + each});
      }
    }
    if (operations.empty()) co_return Result<void>();
    const auto removed = co_await steps_.multi(operations);
    if (removed) co_return Result<void>();
    // Somebody was faster.
    if (removed.error().code == Error::no_node) continue;
    if (!steps_.may_repeat(removed.error())) co_return std::unexpected(removed.error());
    (void)co_await steps_.pause(client::kAgainMs);
  }
}

Task<Result<std::optional<std::string>>> Names::looked_up(std::string name) {
  if (auto trouble = trouble_of(name)) co_return std::unexpected(std::move(*trouble));
  const auto got = co_await steps_.sure_get(name_path(name));
  if (got) co_return got->data.value_or("");
  if (got.error().code == Error::no_node) co_return std::optional<std::string>();
  co_return std::unexpected(got.error());
}

void Names::claim(std::string name, std::string data, Lifetime lifetime, client::Done<Claim> done) {
  client::start<Claim>(claimed(std::move(name), std::move(data), lifetime), life_, std::move(done));
}
void Names::claim_next(std::string prefix, std::string data, Lifetime lifetime, client::Done<Claim> done) {
  client::start<Claim>(claimed_next(std::move(prefix), std::move(data), lifetime), life_, std::move(done));
}
void Names::change(Claim claim, std::string data, client::Done<void> done) {
  client::start<void>(changed(std::move(claim), std::move(data)), life_, std::move(done));
}
void Names::release(Claim claim, client::Done<void> done) {
  client::start<void>(released(std::move(claim)), life_, std::move(done));
}
void Names::evict(std::string name, client::Done<void> done) {
  client::start<void>(evicted(std::move(name)), life_, std::move(done));
}
void Names::look_up(std::string name, client::Done<std::optional<std::string>> done) {
  client::start<std::optional<std::string>>(looked_up(std::move(name)), life_, std::move(done));
}

// ---- following

void Names::follow(std::function<void(const NameChange&)> then) {
  then_ = std::move(then);
  cache_.start([this](const CacheChange& change) { on_change(change); });
}

void Names::on_change(const CacheChange& change) const {
  const auto kind = static_cast<NameChange::Kind>(change.kind);
  if (kind >= NameChange::Kind::settled) return then_({kind});
  if (change.path == names_) return;
  then_({kind, change.path.substr(names_.size() + 1), change.node.data.value_or("")});
}

std::map<std::string, std::string> Names::all() const {
  std::map<std::string, std::string> names;
  for (const auto& [path, node] : cache_.nodes()) {
    if (path != names_) names.emplace(path.substr(names_.size() + 1), node.data.value_or(""));
  }
  return names;
}

}  // namespace quoll::recipes
