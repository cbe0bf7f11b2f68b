// Writes znodes of the past into a running ensemble, by ordinary requests of a client.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "admin/json_text.h"
#include "apps/backup/past.h"
#include "apps/shell/client_configuration.h"
#include "sdk/blocking.h"
#include "sdk/thread_runtime.h"

namespace quoll::apps::backup {

// The field "notes" of a report.
void write_notes(admin::JsonText& json, const std::vector<std::string>& notes);
// The same for people.
void print_notes(const std::vector<std::string>& notes);

// Of --client-configuration.
inline constexpr const char* kConfigurationHelp =
    "file with zookeeper.client.secure=true and zookeeper.ssl.*, as for quoll shell: connects by TLS";

// The settings in the file of --client-configuration; without a file those of a plain connection.
std::expected<shell::ClientSecurity, std::string> security_of(env::Disk& disk, const std::string& path);

// A session with a running ensemble.
class Session {
 public:
  // `server`: a connect string. `auth`: "scheme:data", or empty.
  static std::expected<std::unique_ptr<Session>, Trouble> open(const std::string& server, const std::string& auth,
                                                               const shell::ClientSecurity& security);
  [[nodiscard]] sdk::Blocking& zk() { return *zk_; }

 private:
  sdk::ThreadRuntime runtime_;
  std::unique_ptr<sdk::Blocking> zk_;
};

// Writes znodes in multis, each of which happens whole, or not at all.
class TreeWriter {
 public:
  // `nodes` must outlive it.
  TreeWriter(sdk::Blocking& zk, const PastNodes& nodes);

  client::Result<void> run();
  [[nodiscard]] std::size_t written() const { return written_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }
  // What to tell when run() has failed.
  [[nodiscard]] Trouble trouble(const client::Failure& failure) const;

 private:
  client::Result<void> add(client::Operation operation, std::size_t bytes);
  client::Result<void> send();
  client::Result<void> raise_counter(const std::string& path, const PastNode& node);

  sdk::Blocking& zk_;
  const PastNodes& nodes_;
  std::map<std::string, std::int64_t> children_;  // that are written, by parent
  std::vector<client::Operation> batch_;
  std::size_t bytes_ = 0;
  std::size_t creates_ = 0;
  std::size_t steps_ = 0;
  std::size_t written_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace quoll::apps::backup
