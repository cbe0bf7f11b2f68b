#include "server/memory_monitor.h"

#include <algorithm>
#include <variant>

#include "base/mib.h"

namespace quoll::server {

namespace {

constexpr std::int64_t kMemoryCheckMs = 1000;
// Growth begins again when so much of the limit is free, to avoid flapping; and a check comes early after as much has
// been written as may fill a part of that.
constexpr std::int64_t kFreePart = 32;

struct Larger {
  const tree::Tree& tree;

  [[nodiscard]] bool operator()(const SetDataRequest& set) const {
    const tree::NodeId node = tree.find(set.path.view());
    return node != tree::kNoNode && set.data.view().size() > tree.node(node).data().view().size();
  }
  [[nodiscard]] bool operator()(const MultiRequest& multi) const {
    return std::ranges::any_of(multi.ops, [this](const auto& op) { return std::visit(*this, op.body); });
  }
  template <typename Other>
  [[nodiscard]] bool operator()(const Other&) const {
    return std::is_same_v<Other, CreateRequest> || std::is_same_v<Other, CreateTtlRequest>;
  }
};

}  // namespace

bool makes_larger(const RequestBody& request, const tree::Tree& tree) {
  return std::visit(Larger{tree}, request);
}

void MemoryMonitor::start() {
  const MemoryOptions& options = core_.options.memory;
  if (options.limit_bytes <= 0 || !options.used_bytes) return;
  core_.env.log.info("Above {:.1f} MiB of memory no znodes are added (quoll.memoryLimit)",
                     base::mib(options.limit_bytes));
  check();
  check_later();
}

void MemoryMonitor::on_append(std::size_t bytes) {
  appended_bytes_ += static_cast<std::int64_t>(bytes);
  if (timer_ != nullptr && appended_bytes_ > core_.options.memory.limit_bytes / kFreePart / 4) check();
}

void MemoryMonitor::check_later() {
  timer_ = core_.env.timers.after(kMemoryCheckMs, [this] {
    check();
    check_later();
  });
}

void MemoryMonitor::check() {
  appended_bytes_ = 0;
  const std::int64_t limit = core_.options.memory.limit_bytes;
  const std::int64_t used = core_.options.memory.used_bytes();
  core_.memory_used = used;
  const std::int64_t enough = core_.growth_is_off ? limit - limit / kFreePart : limit;
  const bool is_full = used > enough;
  if (is_full && !std::exchange(core_.growth_is_off, true))
    core_.env.log.error(
        "Memory is nearly full: {:.1f} of {:.1f} MiB are used (quoll.memoryLimit). Requests that make the data larger "
        "are refused with QUOTAEXCEEDED; reads, deletes and sessions go on. Delete znodes, or give the server more "
        "memory",
        base::mib(used), base::mib(limit));
  if (!is_full && std::exchange(core_.growth_is_off, false))
    core_.env.log.info("Memory has room again, {:.1f} of {:.1f} MiB are used: the data may grow", base::mib(used),
                       base::mib(limit));
}

}  // namespace quoll::server
