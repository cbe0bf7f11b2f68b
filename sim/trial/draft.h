// A plan that is being built: its items so far, the time of the next item, and the source of randomness.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

#include "base/prng.h"
#include "sim/trial/plan.h"

namespace quoll::sim {

struct Draft {
  explicit Draft(std::uint64_t seed) : chance(seed) {}

  bool one_in(std::uint64_t n) { return chance.below(n) == 0; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(chance.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  template <typename T>
  T pick(std::initializer_list<T> from) {
    return *(from.begin() + chance.below(from.size()));
  }
  int some_client() { return static_cast<int>(chance.below(plan.clients.size())); }

  Item& add(Item::Kind kind) {
    Item& item = plan.items.emplace_back();
    item.kind = kind;
    item.at_us = now_us;
    return item;
  }
  // A request by some client.
  Ask& add(Ask ask) {
    Item& item = add(Item::Kind::ask);
    item.client = some_client();
    item.ask = std::move(ask);
    return item.ask;
  }
  Ask& ask(OpCode op, std::string path = {}) { return add(ask_of(op, std::move(path))); }
  // Another request by the client of the last item.
  Ask& add_too(Ask ask) {
    const int client = plan.items.back().client;
    Item& item = add(Item::Kind::ask);
    item.client = client;
    item.ask = std::move(ask);
    return item.ask;
  }
  Ask& ask_too(OpCode op, std::string path = {}) { return add_too(ask_of(op, std::move(path))); }

  base::Prng chance;
  Plan plan;
  std::int64_t now_us = 0;
};

}  // namespace quoll::sim
