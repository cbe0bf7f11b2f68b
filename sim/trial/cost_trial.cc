#include "sim/trial/cost_trial.h"

#include <algorithm>
#include <fmt/format.h>

#include "server/server.h"
#include "sim/client.h"
#include "sim/trial/allocations.h"

namespace quoll::sim {

// Not an anonymous namespace: in a unity build its names would collide with those of other files.
namespace cost {

using enum OpCode;

constexpr std::uint16_t kPort = 2181;
constexpr int kChildren = 600;
constexpr int kBursts = 40;
constexpr std::size_t kDataBytes = 30'000;
constexpr std::size_t kReplyBytesMax = 300'000;
// How much time passes whenever the server reads the clock, which it does once or twice for each request.
constexpr std::int64_t kUsPerQuestion = 80;

// Limits of the cost of an event: a constant, plus an amount for each request in it and for each byte received or sent.
// A request may visit each znode or watch a few times, but not once for each other znode or watch.
constexpr std::int64_t kEventUsMax = 25'000;
constexpr std::int64_t kAllocations = 20'000;
constexpr std::int64_t kAllocationsForRequest = 200;
constexpr std::int64_t kAllocatedBytes = 16'000'000;
constexpr std::int64_t kAllocatedForByte = 200;
constexpr std::int64_t kSentBytes = 2 * static_cast<std::int64_t>(kReplyBytesMax) + 300'000;
constexpr std::int64_t kWalksForRequest = 3;
// The parts of a multiRead may list the same names again, up to the limit of the reply.
constexpr auto kNamesInReply = static_cast<std::int64_t>(kReplyBytesMax / sizeof(std::string_view));

struct Cost {
  std::int64_t us = 0;
  Allocations allocated;
  std::int64_t received_bytes = 0;
  std::int64_t sent_bytes = 0;
  std::int64_t requests = 0;  // includes replies
  std::int64_t walked = 0;    // visited znodes and watches
};

class CostTrial {
 public:
  explicit CostTrial(std::uint64_t seed) : world_(seed), chance_(seed) {
    options_.client_ports = {{.host = "", .port = kPort}};
    options_.store.data_dir = options_.store.data_log_dir = "/data";
    options_.store.pre_alloc_kb = 64;
    options_.rules.reply_bytes_max = kReplyBytesMax;
    options_.max_session_timeout_ms = 600'000;
  }
  ~CostTrial() { world_.after_step = nullptr; }

  Outcome run() {
    server_ = std::make_unique<server::Server>(world_.env(), options_, [](server::ExitCode, std::string_view) {});
    if (!server_->start()) findings_.push_back("VL1 liveness: the server refuses to start");
    world_.run_until([&] { return server_->is_serving(); }, 60'000);
    const Greeting patient{.timeout_ms = 600'000};
    if (!expensive_.connect(patient) || !other_.connect(patient)) findings_.push_back("VL1 liveness: no session");
    if (findings_.empty()) prepare();
    world_.clock.us_per_question = kUsPerQuestion;
    before_ = now();
    world_.after_step = [this] { check_event(); };
    for (int i = 0; i < kBursts && findings_.empty(); ++i) {
      burst();
      before_ = now();  // without the clients' cost
      other_.get("/data");
      if (expensive_.wait(last_) == nullptr && findings_.empty())
        findings_.push_back("VL1 liveness: a request is not answered");
    }
    world_.after_step = nullptr;
    return Outcome{findings_, world_.scheduler.digest(), world_.scheduler.now_us(), server_->core().zxid(), replies_,
                   1,         world_.log.lines()};
  }

 private:
  void prepare() {
    expensive_.create("/data", std::string(kDataBytes, 'd'));
    expensive_.create("/many");
    std::vector<SubRequest> parts;
    for (int i = 0; i < kChildren; ++i) {
      names_.push_back(fmt::format("/many/n{}", i));
      names_.push_back(fmt::format("/e{}", i));
    }
    for (std::size_t i = 0; i < names_.size(); ++i) {
      SubRequest& part = parts.emplace_back();
      part.op = create;
      part.body.emplace<CreateRequest>(CreateRequest{names_[i], "", open_acl_, i % 2 == 0 ? 0 : 1});
    }
    expensive_.wait(expensive_.send_multi(parts));
    for (int i = 0; i < kChildren; ++i) expensive_.exists(fmt::format("/w{}", i), true);
  }

  // Sends many requests of one kind at once.
  void burst() {
    const auto count = static_cast<int>(chance_.below(400));
    const bool is_behind_a_write = chance_.below(3) == 0;
    if (is_behind_a_write) last_ = expensive_.send(set_data, SetDataRequest{"/many", "x", -1});
    const auto kind = chance_.below(8);
    for (int i = 0; i <= count; ++i) send_one(kind, count);
  }

  void send_one(std::uint64_t kind, int count) {
    switch (kind) {
      case 0:
        last_ = expensive_.send(get_all_children_number, PathRequest{"/many"});
        return;
      case 1:
        last_ = expensive_.send(get_ephemerals, PathRequest{"/"});
        return;
      case 2:
        last_ = expensive_.send(get_children2, WatchedReadRequest{"/many", true});
        return;
      case 3:
        last_ = read_at_once(get_data, "/data", count + 1);
        return;
      case 4:
        last_ = read_at_once(get_children, "/many", count + 1);
        return;
      case 5:
        last_ = expensive_.send(exists, WatchedReadRequest{names_[chance_.below(names_.size())], true});
        return;
      case 6:
        last_ = expensive_.send(set_data, SetDataRequest{names_[chance_.below(names_.size())], "x", -1});
        return;
      default:
        last_ = expensive_.send(get_data, WatchedReadRequest{"/data", false});
    }
  }

  std::int32_t read_at_once(OpCode op, std::string_view path, int times) {
    std::vector<SubRequest> parts;
    for (int i = 0; i < times; ++i) {
      SubRequest& part = parts.emplace_back();
      part.op = op;
      part.body.emplace<WatchedReadRequest>(WatchedReadRequest{path, false});
    }
    return expensive_.send_multi(parts, multi_read);
  }

  [[nodiscard]] Cost now() const {
    const server::Core& core = server_->core();
    const machine::State& state = core.state;
    return Cost{world_.clock.asked_us(),
                allocations(),
                core.stats.metrics.bytes_received,
                world_.network.server_bytes,
                core.stats.packets_received + core.stats.packets_sent,
                state.tree.walked() + state.data_watches.walked() + state.child_watches.walked()};
  }

  void check_event() {
    const Cost after = now();
    const auto check = [&](const char* what, std::int64_t took, std::int64_t most) {
      if (took > most && findings_.empty())
        findings_.push_back(fmt::format("VL3 cost: an event took {} {}, and at most {} are allowed", took, what, most));
    };
    const std::int64_t requests = after.requests - before_.requests;
    const std::int64_t sent = after.sent_bytes - before_.sent_bytes;
    const std::int64_t bytes = after.received_bytes - before_.received_bytes + sent;
    const std::int64_t there =
        server_->core().state.tree.node_count() + static_cast<std::int64_t>(server_->core().state.watch_count());
    check("us", after.us - before_.us, kEventUsMax);
    check("bytes sent", sent, kSentBytes);
    check("znodes and watches walked", after.walked - before_.walked,
          (1 + requests) * (kWalksForRequest * there + kNamesInReply));
    check("allocations", after.allocated.count - before_.allocated.count,
          kAllocations + requests * kAllocationsForRequest + bytes);
    check("bytes allocated", after.allocated.bytes - before_.allocated.bytes,
          kAllocatedBytes + bytes * kAllocatedForByte);
    replies_ = after.requests;
    before_ = now();
  }

  World world_;
  base::Prng chance_;
  server::Options options_;
  std::unique_ptr<server::Server> server_;
  Client expensive_{world_, kPort, "10.0.0.1"};
  Client other_{world_, kPort, "10.0.0.2"};
  const AclViews open_acl_ = std::vector<AclView>{AclView{perm::kAll, "world", "anyone"}};
  std::vector<std::string> names_;
  Cost before_;
  std::int32_t last_ = 0;
  std::int64_t replies_ = 0;
  Findings findings_;
};

}  // namespace cost

Outcome run_cost_trial(const Plan& plan) {
  return cost::CostTrial(plan.seed).run();
}

}  // namespace quoll::sim
