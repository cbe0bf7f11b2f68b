#include "recipes/counter.h"

#include <charconv>
#include <fmt/format.h>

namespace quoll::recipes {

using client::Result;
using client::Task;

namespace {
constexpr std::uint64_t kRestMsMax = 20;
}  // namespace

Task<Result<Counter::Value>> Counter::read() {
  while (true) {
    const auto node = co_await steps_.sure_get(path_);
    if (!node && node.error().code == Error::no_node) {
      if (auto made = co_await steps_.make_path(path_.substr(0, path_.rfind('/'))); !made && path_.rfind('/') != 0)
        co_return std::unexpected(made.error());
      if (auto made = co_await steps_.sure_create(path_, "0"); !made) co_return std::unexpected(made.error());
      continue;
    }
    if (!node) co_return std::unexpected(node.error());
    const std::string text = node->data.value_or("");
    Value value{0, node->stat.version};
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value.number);
    if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) co_return value;
    co_return std::unexpected(
        client::Failure{Error::marshalling_error,
                        client::Fate::answered,
                        fmt::format("{} holds \"{}\", which is no number: set it to one", path_, text.substr(0, 40)),
                        {},
                        {}});
  }
}

Task<Result<std::int64_t>> Counter::value() {
  const auto value = co_await read();
  if (!value) co_return std::unexpected(value.error());
  co_return value->number;
}

Task<Result<bool>> Counter::is_unchanged(std::int32_t version) {
  if (auto ordered = co_await steps_.sure_order(path_); !ordered) co_return std::unexpected(ordered.error());
  const auto stat = co_await steps_.sure_exists(path_);
  if (!stat) co_return std::unexpected(stat.error());
  co_return *stat && (*stat)->version == version;
}

Task<Result<std::int64_t>> Counter::added(std::int64_t delta) {
  while (true) {
    const auto old = co_await read();
    if (!old) co_return std::unexpected(old.error());
    std::int64_t number = 0;
    if (__builtin_add_overflow(old->number, delta, &number))
      co_return std::unexpected(
          client::Failure{Error::bad_arguments,
                          client::Fate::not_sent,
                          fmt::format("{} is {}: {} more does not fit into 64 bits", path_, old->number, delta),
                          {},
                          {}});
    const auto set = co_await steps_.set(path_, std::to_string(number), old->version);
    if (set) co_return number;
    const client::Failure& failure = set.error();
    if (failure.fate == client::Fate::may_be_applied) {
      if (!steps_.may_repeat(failure)) co_return std::unexpected(failure);
      const auto unchanged = co_await is_unchanged(old->version);
      if (!unchanged || !*unchanged) co_return std::unexpected(failure);
    } else if (failure.code != Error::bad_version && failure.code != Error::no_node && !steps_.may_repeat(failure)) {
      co_return std::unexpected(failure);
    }
    (void)co_await steps_.pause(static_cast<std::int64_t>(steps_.world().random.below(kRestMsMax)));
  }
}

void Counter::get(client::Done<std::int64_t> done) {
  client::start<std::int64_t>(value(), life_, std::move(done));
}

void Counter::add(std::int64_t delta, client::Done<std::int64_t> done) {
  client::start<std::int64_t>(added(delta), life_, std::move(done));
}

}  // namespace quoll::recipes
