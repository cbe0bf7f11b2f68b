#include "store/log_writer.h"

#include "base/check.h"
#include "store/file_names.h"
#include "store/log_format.h"

namespace quoll::store {

class LogWriter::Files {
 public:
  Files(env::Disk& disk, std::string log_dir, const Options& options, Zxid recovered)
      : disk_(disk),
        log_dir_(std::move(log_dir)),
        pre_alloc_bytes_(options.pre_alloc_kb * 1024),
        force_sync_(options.force_sync),
        last_(recovered) {}
  ~Files() {
    if (is_good_) static_cast<void>(sync_mark());
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  // Records progress in the batch, so that after a full disk the same call continues where it stopped.
  env::DiskResult<FlushInfo> write(Batch& batch) {
    FlushInfo info{batch.records, 0, batch.last};
    is_good_ = false;
    found_disk_full_ = false;
    for (Segment& segment : batch.segments) {
      info.bytes += segment.bytes.size();
      if (segment.is_written) continue;
      if (segment.is_new) {
        if (auto done = begin_file(segment.name); !done) return given_up(done.error());
        segment.is_new = false;
      }
      if (auto done = append(segment.bytes); !done) return given_up(done.error());
      segment.is_written = true;
      last_ = segment.last;
    }
    if (auto done = make_durable(); !done) return given_up(done.error());
    is_good_ = true;
    return info;
  }

  // Fsyncs a mark that was written since its last fsync.
  env::DiskResult<void> sync_mark() {
    if (!std::exchange(is_mark_dirty_, false)) return {};
    return synced(marks_->sync());
  }

  // True if no write had space. If fsync reports a full disk, that is a fatal error like any other: it is unknown which
  // writes were dropped.
  [[nodiscard]] bool found_disk_full() const { return found_disk_full_; }

 private:
  std::unexpected<env::DiskError> given_up(const env::DiskError& error) {
    found_disk_full_ = env::is_out_of_space(error) && !sync_failed_;
    return std::unexpected(error);
  }
  env::DiskResult<void> synced(env::DiskResult<void> done) {
    sync_failed_ = sync_failed_ || !done;
    return done;
  }

  // The current file, including its name, must be durable before the next file is created: otherwise history could have
  // a gap.
  env::DiskResult<void> begin_file(Zxid name) {
    if (file_ != nullptr) {
      if (auto done = make_durable(); !done) return done;
    }
    if (auto done = announce(name); !done) return done;
    // Existing content of a file of this name was never acknowledged, because recovery ended before it.
    auto file = disk_.open(log_dir_ + "/" + log_name(name), env::OpenMode::create);
    if (!file) return std::unexpected(file.error());
    file_ = std::move(*file);
    name_ = name;
    position_ = size_ = 0;
    is_durable_ = false;
    auto done = append(log_header());
    // When there is space again the file is created from the start. The previous file is already durable.
    if (!done) file_.reset();
    return done;
  }

  // With forceSync=no this is the file's only mark: it promises nothing.
  env::DiskResult<void> announce(Zxid name) {
    if (!marks_) {
      auto marks = DurableMarkFile::open(disk_, log_dir_);
      if (!marks) return std::unexpected(marks.error());
      marks_ = std::move(*marks);
    }
    if (auto done = write_mark(DurableMark{name, 0, last_}); !done) return done;
    return force_sync_ ? sync_mark() : env::DiskResult<void>();
  }

  env::DiskResult<void> write_mark(const DurableMark& mark) {
    is_mark_dirty_ = true;
    return marks_->write(mark);
  }

  env::DiskResult<void> append(std::string_view bytes) {
    const std::int64_t end = position_ + static_cast<std::int64_t>(bytes.size());
    const std::int64_t padded = padded_size(end, size_, pre_alloc_bytes_);
    if (padded > size_) {
      if (auto done = file_->resize(padded); !done) return done;
      size_ = padded;
    }
    const auto done = file_->write(position_, bytes);
    if (!done) return done;
    position_ = end;
    size_ = std::max(size_, end);
    return {};
  }

  env::DiskResult<void> make_durable() {
    if (!force_sync_) return {};
    if (auto done = synced(file_->sync()); !done) return done;
    if (!is_durable_) {
      if (auto done = synced(disk_.sync_directory(log_dir_)); !done) return done;
    }
    if (auto done = write_mark(DurableMark{name_, position_, last_}); !done) return done;
    if (std::exchange(is_durable_, true)) return {};
    return sync_mark();
  }

  env::Disk& disk_;
  std::string log_dir_;
  std::int64_t pre_alloc_bytes_;
  bool force_sync_;
  std::unique_ptr<env::File> file_;
  std::optional<DurableMarkFile> marks_;
  bool is_mark_dirty_ = false;
  Zxid name_;
  Zxid last_;  // newest transaction in the log
  std::int64_t position_ = 0;
  std::int64_t size_ = 0;
  bool is_durable_ = false;  // the file's name and first entries are durable
  bool is_good_ = true;      // no call has failed
  bool sync_failed_ = false;
  bool found_disk_full_ = false;
};

LogWriter::LogWriter(env::Disk& disk, std::string log_dir, const Options& options, Zxid recovered)
    : options_(options), files_(std::make_shared<Files>(disk, std::move(log_dir), options, recovered)) {}

LogWriter::~LogWriter() = default;

void LogWriter::roll() {
  current_.reset();
  file_bytes_ = 0;
}

void LogWriter::append(Zxid zxid, std::string_view txn) {
  QUOLL_CHECK(!failed_, "no appends after the disk has failed");
  if (options_.log_size_limit_kb > 0 && file_bytes_ > options_.log_size_limit_kb * 1024) roll();
  const bool is_new = !current_;
  if (is_new) {
    current_ = zxid;
    file_bytes_ = kLogHeaderBytes;
  }
  if (is_new || open_batch_.segments.empty())
    open_batch_.segments.push_back(Segment{*current_, is_new, zxid, std::exchange(spare_, {})});
  Segment& segment = open_batch_.segments.back();
  append_entry(txn, segment.bytes);
  segment.last = zxid;
  file_bytes_ += static_cast<std::int64_t>(kEntryHeadBytes + txn.size() + 1);
  ++open_batch_.records;
  open_batch_.last = zxid;
}

// Reuses the buffer of the last flush, so that nothing is allocated under steady load.
void LogWriter::keep_spare(std::string buffer) {
  constexpr std::size_t kSpareBytesMax = std::size_t{4} << 20;
  if (buffer.capacity() > kSpareBytesMax) return;
  buffer.clear();
  spare_ = std::move(buffer);
}

void LogWriter::flush(env::Worker& worker, Done done) {
  QUOLL_CHECK(!flushing_ && !failed_, "flushes do not overlap, and none follows a failure");
  if (open_batch_.records == 0 && !stuck_) return done(FlushInfo{});
  flushing_ = true;
  struct Job {
    Batch batch;
    env::DiskResult<FlushInfo> result;
  };
  auto job = std::make_shared<Job>();
  job->batch = stuck_ ? *std::exchange(stuck_, std::nullopt) : std::exchange(open_batch_, Batch{});
  worker.run([job, files = files_] { job->result = files->write(job->batch); },
             [this, job, done = std::move(done)]() mutable {
               flushing_ = false;
               if (!job->result && options_.waits_for_space && files_->found_disk_full()) {
                 stuck_ = std::move(job->batch);
                 return done(std::move(job->result));
               }
               failed_ = !job->result;
               keep_spare(std::move(job->batch.segments.back().bytes));
               done(std::move(job->result));
             });
}

void LogWriter::sync_mark(env::Worker& worker, MarkDone done) {
  auto result = std::make_shared<std::expected<void, env::DiskError>>();
  worker.run([result, files = files_] { *result = files->sync_mark(); },
             [this, result, done = std::move(done)]() mutable {
               failed_ = failed_ || !*result;
               done(std::move(*result));
             });
}

void LogWriter::close(env::Worker& worker, std::move_only_function<void()> done) {
  QUOLL_CHECK(!flushing_ && open_batch_.records == 0 && !stuck_, "a log is closed when everything in it is flushed");
  worker.run([files = std::move(files_)]() mutable { files.reset(); }, std::move(done));
}

}  // namespace quoll::store
