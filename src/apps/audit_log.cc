#include "apps/audit_log.h"

#include <ctime>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace quoll::apps {

namespace {

std::string name_of_user() {
  const passwd* const user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_name : fmt::format("{}", ::geteuid());
}

}  // namespace

AuditLog::AuditLog(const env::Clock& clock, env::Workers& workers, env::Log& log, const std::string& path)
    : clock_(clock), user_(name_of_user()), file_(workers, log, path) {}

AuditLog::~AuditLog() {
  if (has_started_) server::audit_server(*this, "serverStop", "invoked");
}

// The pattern of logback.xml as Apache distributes it: "%d{ISO8601} %p %c{2}: %m%n".
void AuditLog::write(std::string_view line) {
  const std::int64_t wall_ms = clock_.wall_ms();
  const std::time_t seconds = wall_ms / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  file_.write(fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03} INFO audit.Slf4jAuditLogger: {}",
                          local.tm_year + 1900, local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min,
                          local.tm_sec, wall_ms % 1000, line));
}

}  // namespace quoll::apps
