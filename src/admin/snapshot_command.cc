#include "admin/snapshot_command.h"

#include <algorithm>
#include <fmt/format.h>

#include "admin/answer_end.h"

namespace quoll::admin {

namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;
constexpr std::size_t kAnswerPieceBytes = std::size_t{32} << 10;

std::string result_text(std::optional<std::string_view> error) {
  JsonText json;
  json.begin_object();
  end_answer(json, "snapshot", error);
  return json.take();
}

// As Boolean.parseBoolean: "true" in any case, and nothing else.
bool is_java_true(std::string_view text) {
  return std::ranges::equal(text, std::string_view("true"), [](char a, char b) { return (a | 0x20) == b; });
}

// A file that a worker reads from front to back.
struct OpenFile {
  std::unique_ptr<env::File> file;
  std::int64_t bytes = 0;
  std::int64_t offset = 0;
  std::string piece;
  std::optional<env::DiskError> error;

  void open(env::Disk& disk, const std::string& path) {
    auto opened = disk.open(path, env::OpenMode::read);
    if (!opened) return note(opened.error());
    file = std::move(*opened);
    const auto size = file->size();
    if (!size) return note(size.error());
    bytes = *size;
  }
  void read() {
    piece.resize(static_cast<std::size_t>(std::min<std::int64_t>(kReadBytes, bytes - offset)));
    const auto got = file->read(offset, piece);
    if (!got) return note(got.error());
    if (*got < piece.size()) return note({EIO, "the snapshot has become shorter while it was read"});
    offset += static_cast<std::int64_t>(*got);
  }
  void note(const env::DiskError& what) { error = what; }
};

// What the client of one command gets.
class SnapshotAnswer : public http::Content {
 public:
  enum class Body { file, nothing };

  SnapshotAnswer(server::Server& server, env::Worker& worker, Body body, std::shared_ptr<int> answers)
      : server_(server), worker_(worker), body_(body), answers_(std::move(answers)) {
    ++*answers_;
  }
  ~SnapshotAnswer() override { --*answers_; }
  SnapshotAnswer(const SnapshotAnswer&) = delete;
  SnapshotAnswer& operator=(const SnapshotAnswer&) = delete;

  void on_wait(const std::function<void()>& wake) override {
    wake_ = wake;
    server_.snapshots()->request([this, alive = std::weak_ptr<bool>(alive_)](const auto& taken) {
      if (!alive.expired()) on_taken(taken);
    });
  }

  Then append_more(std::string& out) override {
    if (!is_ready_) return Then::waits;
    if (has_begun_ && error_) return Then::broken;
    if (error_ || body_ == Body::nothing) {
      out += result_text(error_);
      return Then::done;
    }
    has_begun_ = true;
    if (at_ == piece_.size() && !next_piece()) return Then::waits;
    const std::size_t part = std::min(kAnswerPieceBytes, piece_.size() - at_);
    out.append(piece_, at_, part);
    at_ += part;
    sent_ += static_cast<std::int64_t>(part);
    return sent_ == file_->bytes ? Then::done : Then::more;
  }

  void complete_head(http::Answer& answer) override {
    answer.type = "application/json";
    if (error_) {
      answer.status = 500;
      return;
    }
    answer.headers.emplace_back("last_zxid", fmt::format("0x{:x}", static_cast<std::uint64_t>(zxid_.value())));
    answer.headers.emplace_back("snapshot_size", fmt::format("{}", file_->bytes));
    if (body_ == Body::nothing) return;
    answer.type = "application/octet-stream";
    answer.length = static_cast<std::uint64_t>(file_->bytes);
  }

 private:
  void on_taken(const std::expected<server::Snapshots::Taken, env::DiskError>& taken) {
    if (!taken) return fail(taken.error());
    zxid_ = taken->zxid;
    run([path = taken->path, &disk = server_.core().env.disk](OpenFile& file) {
      file.open(disk, path);
      if (!file.error) file.read();
    });
  }

  // Takes what the worker has read, and has it read on. False: it is not there yet.
  bool next_piece() {
    if (is_reading_) return false;
    piece_ = std::exchange(file_->piece, {});
    at_ = 0;
    if (file_->offset < file_->bytes) run([](OpenFile& file) { file.read(); });
    return true;
  }

  // While a job runs, it alone uses the file.
  void run(std::move_only_function<void(OpenFile&)> job) {
    is_reading_ = true;
    worker_.run([file = file_, job = std::move(job)]() mutable { job(*file); },
                [this, alive = std::weak_ptr<bool>(alive_)] {
                  if (!alive.expired()) on_read();
                });
  }

  void on_read() {
    is_reading_ = false;
    if (file_->error) return fail(*file_->error);
    is_ready_ = true;
    wake_();
  }

  void fail(const env::DiskError& error) {
    error_ = fmt::format("The snapshot failed: {}", error.text);
    server_.core().env.log.warn("The command snapshot failed: {}", error.text);
    is_ready_ = true;
    wake_();
  }

  server::Server& server_;
  env::Worker& worker_;
  const Body body_;
  const std::shared_ptr<int> answers_;
  std::function<void()> wake_;
  std::shared_ptr<OpenFile> file_ = std::make_shared<OpenFile>();
  Zxid zxid_;
  bool is_ready_ = false;  // the file is open, or it has failed
  bool is_reading_ = false;
  bool has_begun_ = false;  // a part of the file has been handed out
  std::optional<std::string> error_;
  std::string piece_;
  std::size_t at_ = 0;
  std::int64_t sent_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

http::Answer SnapshotCommand::refuse(int status, std::string_view why) {
  server_.core().env.log.warn("The command snapshot is refused: {}", why);
  return failure("snapshot", why, status);
}

http::Answer SnapshotCommand::answer(const http::Request& request) {
  server::Core& core = server_.core();
  if (!options_.enabled) return refuse(503, "The command is disabled: admin.snapshot.enabled=false");
  if (!core.options.store.serialize_last_processed_zxid)
    return refuse(500, "The command requires serializeLastProcessedZxid.enabled=true");
  const std::int64_t now_us = core.env.clock.elapsed_us();
  const bool is_early = last_us_ && now_us - *last_us_ <= options_.interval_us;
  if (is_early || *answers_ >= kAnswersMax) {
    ++core.stats.metrics.snapshots_rate_limited;
    return refuse(429, is_early ? "Too soon after the last one: see admin.rateLimiterIntervalInMS"
                                : "Too many snapshots are being sent");
  }
  last_us_ = now_us;
  const auto streaming = request.parameter("streaming");
  const bool streams = !streaming || is_java_true(*streaming);
  return {.content = std::make_unique<SnapshotAnswer>(
              server_, *worker_, streams ? SnapshotAnswer::Body::file : SnapshotAnswer::Body::nothing, answers_)};
}

}  // namespace quoll::admin
