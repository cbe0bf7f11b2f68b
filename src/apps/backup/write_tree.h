// Writes znodes of the past into a running ensemble, by ordinary requests of a client.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/backup/extract.h"
#include "apps/backup/past_tree.h"
#include "apps/shell/client_configuration.h"
#include "sdk/blocking.h"
#include "sdk/thread_runtime.h"
#include "types/create_mode.h"

namespace quoll::apps::backup {

using PastNodes = std::vector<std::pair<std::string, PastNode>>;  // parents first, without ephemerals

OwnerKind kind_of(const PastNode& node);
// " container", " ttl=1000", or nothing.
std::string kind_text(const PastNode& node);

// Every transaction of the part, decoded.
std::expected<void, Trouble> for_each_txn(env::Disk& disk, const Source& source, const Part& part,
                                          const std::function<void(const Txn&)>& look);

// The znodes of `tree` but for ephemerals, which are counted.
struct Writable {
  PastNodes nodes;
  std::int64_t ephemerals = 0;
};
Writable writable(const PastTree& tree);

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
