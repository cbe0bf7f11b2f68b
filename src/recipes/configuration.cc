#include "recipes/configuration.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace quoll::recipes {

using client::Result;
using client::Task;

namespace {

constexpr std::size_t kVersionsKept = 20;

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// FNV-1a, over the id and the version: another trial takes other programs.
std::uint64_t hash_of(std::string_view id, std::int64_t version) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : fmt::format("{}/{}", id, version)) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return hash ^ (hash >> 32);
}

client::Failure refused(std::string text) {
  return {Error::bad_arguments, client::Fate::not_sent, std::move(text), {}, {}};
}

}  // namespace

std::string version_path(const std::string& path, std::int64_t version) {
  return fmt::format("{}/versions/v-{:010}", path, version);
}

// ---- values

std::expected<ConfigValues, std::string> ConfigValues::parse(std::string_view text) {
  ConfigValues parsed;
  for (int line = 1; !text.empty(); ++line) {
    const std::string_view here = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(here.size() + 1, text.size()));
    if (here.empty() || here.starts_with('#')) continue;
    const auto equals = here.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return std::unexpected(
          fmt::format("line {} is \"{}\": write key=value, or # before a comment", line, here.substr(0, 60)));
    parsed.values_[std::string(here.substr(0, equals))] = here.substr(equals + 1);
  }
  return parsed;
}

ConfigValues::Value<std::string> ConfigValues::text(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::unexpected(fmt::format("the configuration has no \"{}\"", key));
  return found->second;
}

ConfigValues::Value<std::int64_t> ConfigValues::integer(const std::string& key) const {
  const auto value = text(key);
  if (!value) return std::unexpected(value.error());
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto parsed = std::from_chars(value->data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end) return number;
  return std::unexpected(fmt::format("\"{}\" is \"{}\", which is no integer", key, *value));
}

ConfigValues::Value<bool> ConfigValues::boolean(const std::string& key) const {
  const auto value = text(key);
  if (!value) return std::unexpected(value.error());
  if (*value == "true" || *value == "false") return *value == "true";
  return std::unexpected(fmt::format("\"{}\" is \"{}\", and not true or false", key, *value));
}

// ---- the rollout

Rollout Rollout::parse(std::string_view text) {
  Rollout rollout;
  const auto values = ConfigValues::parse(text);
  if (!values) return rollout;
  rollout.current = values->integer("current").value_or(0);
  rollout.previous = values->integer("previous").value_or(0);
  rollout.trial = values->integer("trial").value_or(0);
  rollout.share = static_cast<std::int32_t>(std::clamp<std::int64_t>(values->integer("share").value_or(0), 0, 100));
  return rollout;
}

std::string Rollout::text() const {
  return fmt::format("current={}\nprevious={}\ntrial={}\nshare={}\n", current, previous, trial, share);
}

std::int64_t Rollout::version_for(std::string_view id) const {
  const bool tries = trial != 0 && hash_of(id, trial) % 100 < static_cast<std::uint64_t>(share);
  return tries ? trial : current;
}

// ---- writing

void ConfigurationWriter::publish(std::string text, client::Done<std::int64_t> done) {
  client::start<std::int64_t>(store(std::move(text)), life_, std::move(done));
}

Task<Result<std::int64_t>> ConfigurationWriter::store(std::string text) {
  (void)co_await steps_.pause(0);
  if (const auto parsed = ConfigValues::parse(text); !parsed) co_return std::unexpected(refused(parsed.error()));
  while (true) {
    const auto made = co_await steps_.create(path_ + "/versions/v-", text, client::kPersistentSequential);
    if (made) {
      const std::int64_t version = number_of(std::string_view(made->path).substr(made->path.rfind('-') + 1));
      // Numbers of versions begin with 1; 0 is none.
      if (version == 0) continue;
      (void)co_await prune();
      co_return version;
    }
    if (made.error().code == Error::no_node) {
      if (auto path = co_await steps_.make_path(path_ + "/versions"); !path) co_return std::unexpected(path.error());
      continue;
    }
    if (!steps_.may_repeat(made.error())) co_return std::unexpected(made.error());
    (void)co_await steps_.pause(client::kAgainMs);
  }
}

Task<Result<void>> ConfigurationWriter::prune() {
  const auto rollout_node = co_await read();
  if (!rollout_node) co_return std::unexpected(rollout_node.error());
  const Rollout rollout = Rollout::parse(rollout_node->data.value_or(""));
  auto names = co_await steps_.sure_children(path_ + "/versions");
  if (!names) co_return std::unexpected(names.error());
  std::ranges::sort(names->names);
  const std::size_t count = names->names.size();
  for (std::size_t i = 0; i + kVersionsKept < count; ++i) {
    const std::string& name = names->names[i];
    const std::int64_t version = number_of(std::string_view(name).substr(name.rfind('-') + 1));
    const bool is_used = version == rollout.current || version == rollout.previous || version == rollout.trial;
    if (version != 0 && is_used) continue;
    if (auto removed = co_await steps_.sure_remove(path_ + "/versions/" + name); !removed) co_return removed;
  }
  co_return Result<void>();
}

Task<Result<client::NodeData>> ConfigurationWriter::read() {
  while (true) {
    auto node = co_await steps_.sure_get(path_ + "/rollout");
    if (node || node.error().code != Error::no_node) co_return node;
    if (auto made = co_await steps_.make_path(path_); !made) co_return std::unexpected(made.error());
    if (auto made = co_await steps_.sure_create(path_ + "/rollout", Rollout().text()); !made)
      co_return std::unexpected(made.error());
  }
}

void ConfigurationWriter::roll_out(std::int64_t version, std::int32_t share, client::Done<Rollout> done) {
  client::start<Rollout>(change(version, share), life_, std::move(done));
}

void ConfigurationWriter::roll_back(client::Done<Rollout> done) {
  client::start<Rollout>(change(0, 0), life_, std::move(done));
}

// version 0: back.
Task<Result<Rollout>> ConfigurationWriter::change(std::int64_t version, std::int32_t share) {
  if (version != 0) {
    const auto node = co_await steps_.sure_exists(version_path(path_, version));
    if (!node) co_return std::unexpected(node.error());
    if (!*node) co_return std::unexpected(refused(fmt::format("{} has no version {}", path_, version)));
  }
  const auto old = co_await read();
  if (!old) co_return std::unexpected(old.error());
  const Rollout before = Rollout::parse(old->data.value_or(""));
  Rollout after = before;
  after.trial = after.share = 0;
  if (version == 0 && before.trial == 0) {
    if (before.previous == 0)
      co_return std::unexpected(refused(fmt::format("{} has no previous version to go back to", path_)));
    std::swap(after.current, after.previous);
  } else if (version != 0 && share >= 100) {
    if (version != before.current) after.previous = before.current;
    after.current = version;
  } else if (version != 0) {
    after.trial = version;
    after.share = std::max(share, 0);
  }
  const auto set = co_await steps_.set(path_ + "/rollout", after.text(), old->stat.version);
  if (set) co_return after;
  if (set.error().fate != client::Fate::may_be_applied) co_return std::unexpected(set.error());
  if (auto ordered = co_await steps_.sure_order(path_ + "/rollout"); !ordered) co_return std::unexpected(set.error());
  const auto now = co_await read();
  if (now && now->data == after.text()) co_return after;
  co_return std::unexpected(set.error());
}

// ---- reading

ConfigurationReader::ConfigurationReader(client::Client& client, const client::World& world, std::string path,
                                         std::string id)
    : cache_(client, world, {.path = std::move(path)}), id_(std::move(id)) {}

void ConfigurationReader::start(std::function<void(std::int64_t, const ConfigValues&)> then) {
  then_ = std::move(then);
  cache_.start([this](const CacheChange&) { look(); });
}

void ConfigurationReader::look() {
  const auto* const rollout = cache_.find(cache_.path() + "/rollout");
  if (rollout == nullptr) return;
  const std::int64_t version = Rollout::parse(rollout->data.value_or("")).version_for(id_);
  if (version == 0 || version == version_) return;
  const auto* const node = cache_.find(version_path(cache_.path(), version));
  if (node == nullptr) return;
  auto values = ConfigValues::parse(node->data.value_or(""));
  if (!values) return;
  version_ = version;
  values_ = std::move(*values);
  if (then_) then_(version_, values_);
}

}  // namespace quoll::recipes
