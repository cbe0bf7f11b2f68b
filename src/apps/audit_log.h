// The audit log of a server: a file whose lines begin as Apache's do.
#pragma once

#include "env/clock.h"
#include "os/line_file.h"
#include "server/audit.h"

namespace quoll::apps {

class AuditLog : public server::AuditSink {
 public:
  // All references must outlive it. The first and the last line say that the server starts and stops.
  AuditLog(const env::Clock& clock, env::Workers& workers, env::Log& log, const std::string& path);
  ~AuditLog() override;
  [[nodiscard]] std::expected<void, std::string> open() { return file_.open(); }
  void note_start() {
    has_started_ = true;
    server::audit_server(*this, "serverStart", "success");
  }
  void reopen() { file_.reopen(); }

  void write(std::string_view line) override;
  [[nodiscard]] std::string_view process_user() const override { return user_; }

 private:
  const env::Clock& clock_;
  std::string user_;
  os::LineFile file_;
  bool has_started_ = false;
};

}  // namespace quoll::apps
