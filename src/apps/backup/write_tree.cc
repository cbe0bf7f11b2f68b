#include "apps/backup/write_tree.h"

#include <fmt/format.h>

#include "apps/files/report.h"
#include "apps/shell/progress.h"
#include "client/connect_string.h"
#include "types/path.h"

namespace quoll::apps::backup {

namespace {

// Of one multi: well below the servers' limit of a megabyte.
constexpr std::size_t kBatchOperations = 500;
constexpr std::size_t kBatchBytes = std::size_t{512} << 10;
constexpr std::int64_t kConnectMs = 30'000;
// Children that are created and deleted again for one znode's counter.
constexpr std::int64_t kCounterStepsMax = 1'000'000;

client::op::Create create_of(const std::string& path, const PastNode& node) {
  client::CreateOptions options{.acl = *node.acl};
  options.mode.container = kind_of(node) == OwnerKind::container;
  options.mode.ttl = kind_of(node) == OwnerKind::ttl;
  if (options.mode.ttl) options.ttl_ms = quoll::ttl_ms(node.owner, {.extended = true});
  return {path, node.data, std::move(options)};
}

std::string hint(Error code) {
  if (code == Error::no_auth) return ". Name an identity with --auth that may create there, or the super user";
  return "";
}

}  // namespace

void write_notes(admin::JsonText& json, const std::vector<std::string>& notes) {
  json.key("notes");
  json.begin_array();
  for (const std::string& note : notes) json.value(note);
  json.end_array();
}

void print_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) fmt::print(stderr, "Note: {}\n", files::shown(note, 1000));
}

std::expected<shell::ClientSecurity, std::string> security_of(env::Disk& disk, const std::string& path) {
  if (path.empty()) return shell::ClientSecurity();
  return shell::load_client_security(disk, path);
}

std::expected<std::unique_ptr<Session>, Trouble> Session::open(const std::string& server, const std::string& auth,
                                                               const shell::ClientSecurity& security) {
  const auto parsed = client::parse_connect_string(server);
  if (!parsed) return std::unexpected(bad(parsed.error()));
  auto session = std::make_unique<Session>();
  client::Options options;
  options.servers = parsed->servers;
  options.chroot = parsed->chroot;
  options.login = security.login;
  if (security.tls) {
    if (const auto used = session->runtime_.use_tls(*security.tls); !used) return std::unexpected(bad(used.error()));
    options.security = env::Security::tls;
  }
  session->zk_ = std::make_unique<sdk::Blocking>(session->runtime_, std::move(options), [](client::State) {});
  sdk::Blocking& zk = *session->zk_;
  if (!zk.wait_connected(kConnectMs))
    return std::unexpected(Trouble{Trouble::disk, fmt::format("{} cannot be reached: {}", server, zk.last_trouble())});
  if (auth.empty()) return session;
  const std::size_t colon = auth.find(':');
  const auto added = zk.add_auth(auth.substr(0, colon), auth.substr(std::min(colon + 1, auth.size())));
  if (!added) return std::unexpected(bad(fmt::format("--auth was refused: {}", added.error().text)));
  return session;
}

TreeWriter::TreeWriter(sdk::Blocking& zk, const PastNodes& nodes) : zk_(zk), nodes_(nodes) {
  for (const auto& [path, node] : nodes) ++children_[std::string(path::parent(path))];
}

client::Result<void> TreeWriter::run() {
  shell::Progress progress("znodes written");
  for (const auto& [path, node] : nodes_) {
    if (auto added = add(create_of(path, node), path.size() + node.data.value_or("").size()); !added) return added;
    if (auto raised = raise_counter(path, node); !raised) return raised;
    progress.at(written_, nodes_.size());
  }
  return send();
}

client::Result<void> TreeWriter::add(client::Operation operation, std::size_t bytes) {
  if (bytes_ + bytes > kBatchBytes || batch_.size() >= kBatchOperations) {
    if (auto sent = send(); !sent) return sent;
  }
  if (std::holds_alternative<client::op::Create>(operation)) ++creates_;
  batch_.push_back(std::move(operation));
  bytes_ += bytes;
  return {};
}

client::Result<void> TreeWriter::send() {
  if (batch_.empty()) return {};
  const auto done = zk_.multi(batch_);
  if (!done) return std::unexpected(done.error());
  written_ += creates_ - steps_;
  batch_.clear();
  bytes_ = creates_ = steps_ = 0;
  return {};
}

// The counter from which sequence numbers are taken counts the children that were ever created. So that none is given
// again, it is raised by children that are created and deleted at once.
client::Result<void> TreeWriter::raise_counter(const std::string& path, const PastNode& node) {
  const auto found = children_.find(path);
  const std::int64_t own = found == children_.end() ? 0 : found->second;
  std::int64_t missing = std::int64_t{node.cversion} - own;
  if (missing <= 0 || kind_of(node) == OwnerKind::session) return {};
  if (missing > kCounterStepsMax) {
    notes_.push_back(
        fmt::format("The counter of {} was {} and begins anew: sequence numbers are given again", path, node.cversion));
    return {};
  }
  const std::string step = path + "/quoll-undelete";
  for (; missing > 0; --missing) {
    if (auto added = add(client::op::Create{step, std::nullopt, {}}, step.size()); !added) return added;
    ++steps_;
    // Both in one multi: nobody sees the child.
    batch_.emplace_back(client::op::Remove{step});
    bytes_ += step.size();
  }
  return {};
}

Trouble TreeWriter::trouble(const client::Failure& failure) const {
  return {failure.fate == client::Fate::answered ? Trouble::bad : Trouble::disk,
          fmt::format("{} of {} znodes are written; then: {}{}", written_, nodes_.size(), failure.text,
                      hint(failure.code))};
}

}  // namespace quoll::apps::backup
