#include "admin/restore_command.h"

#include <fmt/format.h>

#include "admin/admin_access.h"
#include "admin/answer_end.h"

namespace quoll::admin {

namespace {

// Bytes of the snapshot that are not on the disk yet; beyond, the client waits.
constexpr std::size_t kPendingBytesMax = std::size_t{4} << 20;
constexpr std::int64_t kWaitMs = 2;

std::string result_text(const std::expected<Zxid, std::string>& result) {
  JsonText json;
  json.begin_object();
  if (result) json.field("last_zxid", result->value());
  end_answer(json, "restore", result ? std::nullopt : std::optional<std::string_view>(result.error()));
  return json.take();
}

class Refusal : public http::Intake {
 public:
  Refusal(int status, std::string_view why) : status_(status), why_(why) {}
  Then take(std::string_view) override { return Then::refused; }
  http::Answer finish() override { return failure("restore", why_, status_); }

 private:
  const int status_;
  const std::string why_;
};

// The answer when all of the snapshot has come: it waits until the server has the new state.
class Outcome : public http::Content {
 public:
  explicit Outcome(std::shared_ptr<server::Restore::Upload> upload, env::Log& log)
      : upload_(std::move(upload)), log_(log) {}

  void on_wait(const std::function<void()>& wake) override {
    upload_->complete([wake, known = known_, alive = std::weak_ptr<bool>(alive_),
                       &log = log_](const std::expected<Zxid, std::string>& result) {
      if (!result) log.warn("The command restore failed: {}. Nothing has changed", result.error());
      *known = result;
      if (!alive.expired()) wake();
    });
    upload_.reset();
  }
  Then append_more(std::string& out) override {
    if (!*known_) return Then::waits;
    out += result_text(**known_);
    return Then::done;
  }
  void complete_head(http::Answer& answer) override { answer.status = (*known_)->has_value() ? 200 : 500; }

 private:
  std::shared_ptr<server::Restore::Upload> upload_;
  env::Log& log_;
  std::shared_ptr<std::optional<std::expected<Zxid, std::string>>> known_ =
      std::make_shared<std::optional<std::expected<Zxid, std::string>>>();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class SnapshotIntake : public http::Intake {
 public:
  SnapshotIntake(server::Server& server, std::shared_ptr<server::Restore::Upload> upload)
      : server_(server), upload_(std::move(upload)) {}

  void on_wait(const std::function<void()>& wake) override { wake_ = wake; }

  Then take(std::string_view bytes) override {
    if (server_.restore() == nullptr) return fail("the server has stopped");
    if (auto taken = upload_->take(bytes); !taken) return fail(taken.error());
    if (upload_->pending_bytes() <= kPendingBytesMax) return Then::more;
    wake_later();
    return Then::waits;
  }

  http::Answer finish() override {
    if (!error_.empty()) return failure("restore", error_, 500);
    return {.type = "application/json",
            .content = std::make_unique<Outcome>(std::move(upload_), server_.core().env.log)};
  }

 private:
  Then fail(const std::string& why) {
    error_ = fmt::format("The snapshot is refused, and nothing has changed: {}", why);
    server_.core().env.log.warn("The command restore failed: {}. Nothing has changed", why);
    ++server_.core().stats.metrics.restore_errors;
    upload_.reset();
    return Then::refused;
  }

  // Nobody tells when the disk has taken enough.
  void wake_later() {
    timer_ = server_.core().env.timers.after(kWaitMs, [this] {
      if (upload_->pending_bytes() > kPendingBytesMax) return wake_later();
      wake_();
    });
  }

  server::Server& server_;
  std::shared_ptr<server::Restore::Upload> upload_;
  std::function<void()> wake_;
  std::unique_ptr<env::Timer> timer_;
  std::string error_;
};

}  // namespace

std::unique_ptr<http::Intake> RestoreCommand::refuse(int status, std::string_view why) {
  server_.core().env.log.warn("The command restore is refused: {}", why);
  return std::make_unique<Refusal>(status, why);
}

std::unique_ptr<http::Intake> RestoreCommand::intake(const http::Request& request) {
  server::Core& core = server_.core();
  if (!server_.is_serving())
    return std::make_unique<Refusal>(200, "This ZooKeeper instance is not currently serving requests");
  if (const Verdict verdict = admit(Guard::root_acl_proven, request, core, core.stats); verdict.status != 200)
    return std::make_unique<Refusal>(verdict.status, verdict.why);
  if (!options_.enabled) return refuse(503, "The command is disabled: admin.restore.enabled=false");
  if (!core.options.store.serialize_last_processed_zxid)
    return refuse(500, "The command requires serializeLastProcessedZxid.enabled=true");
  if (server_.restore() == nullptr)
    return refuse(
        409,
        "This server is a member of an ensemble, and the other members would keep their states. Write the "
        "snapshot into the ensemble with quoll restore --into, or restore data directories with quoll restore");
  if (core.writes_are_off || core.snapshots_are_off) return refuse(500, "The disk is nearly full");
  const std::int64_t now_us = core.env.clock.elapsed_us();
  if (last_us_ && now_us - *last_us_ <= options_.interval_us) {
    ++core.stats.metrics.restores_rate_limited;
    return refuse(429, "Too soon after the last one: see admin.rateLimiterIntervalInMS");
  }
  auto upload = server_.restore()->begin();
  if (upload == nullptr) {
    ++core.stats.metrics.restores_rate_limited;
    return refuse(429, "Another restore is under way");
  }
  last_us_ = now_us;
  return std::make_unique<SnapshotIntake>(server_, std::move(upload));
}

}  // namespace quoll::admin
