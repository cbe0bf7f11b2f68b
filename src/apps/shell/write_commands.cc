// Commands that change znodes: create, delete, deleteall, set, setAcl.
#include <algorithm>
#include <fmt/format.h>

#include "apps/shell/handlers.h"
#include "apps/shell/json.h"
#include "apps/shell/progress.h"
#include "apps/shell/text.h"
#include "apps/shell/walk.h"

namespace quoll::apps::shell {

namespace {

// Why these flags exclude each other, in zkCli's words; nullptr if they do not.
const char* create_conflict(const Words& words) {
  if (words.has("c") && (words.has("e") || words.has("s")))
    return "-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.";
  if (words.has("t") && words.has("e")) return "TTLs cannot be used with Ephemeral znodes";
  if (words.has("t") && words.has("c")) return "TTLs cannot be used with Container znodes";
  return nullptr;
}

// What the text says, or nothing if nothing of it is right; what is wrong is said.
AclList acl_of(Shell& shell, const std::string& text) {
  std::vector<std::string> complaints;
  AclList acl = parse_acl(text, complaints);
  for (const std::string& complaint : complaints) shell.complain(complaint);
  return acl;
}

int refused_acl(Shell& shell) {
  return shell.failed({Error::invalid_acl, client::Fate::not_sent, {}, {}, {}}, "null");
}

void say_stat(Shell& shell, const Words& words, const std::string& path, const Stat& stat) {
  if (shell.json()) {
    shell.say_json({{"path", path}, {"stat", to_json(stat)}});
  } else if (words.has("s")) {
    shell.say(stat_text(stat));
  }
}

}  // namespace

int run_create(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  client::CreateOptions options;
  if (const auto text = words.value("t")) {
    const auto ttl = number_of<std::int64_t>(*text);
    if (!ttl) return shell.complain("-t argument must be a long value"), kFailed;
    options.ttl_ms = *ttl;
  }
  if (const char* const conflict = create_conflict(words)) return shell.complain(conflict), kFailed;
  options.mode = {words.has("e"), words.has("s"), words.has("c"), words.has("t")};
  if (options.mode.ttl && (options.ttl_ms <= 0 || options.ttl_ms > kTtlMsMax))
    return shell.complain(fmt::format("ttl must be positive and cannot be larger than: {}", kTtlMsMax)), kFailed;
  client::Bytes data;
  if (words.words.size() > 2) data = words.at(2);
  if (words.words.size() > 3) {
    options.acl = acl_of(shell, words.at(3));
    if (options.acl.empty()) {
      if (!shell.json()) shell.complain(keeper_text(Error::invalid_acl, ""));
      return refused_acl(shell);
    }
  }
  const auto created = shell.zk().create(path, data, options);
  if (!created) {
    if (created.error().code == Error::ephemeral_on_local_session)
      shell.complain("Unable to create ephemeral node on a local session");
    return shell.failed(created.error(), path);
  }
  if (shell.json()) {
    shell.say_json({{"path", created->path}, {"stat", to_json(created->stat)}});
  } else {
    shell.complain(fmt::format("Created {}", created->path));
  }
  return kDone;
}

int run_delete(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  if (words.words.size() > 2)
    shell.complain("'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.");
  const auto version = version_flag(shell, words);
  if (!version) return kFailed;
  const auto deleted = shell.zk().remove(path, *version);
  if (!deleted) return shell.failed(deleted.error(), path);
  if (shell.json()) shell.say_json({{"path", path}, {"deleted", 1}});
  return kDone;
}

int run_delete_all(Shell& shell, const Words& words) {
  constexpr int kBatch = 1000;
  const std::string path = words.at(1);
  const auto batch = number_of<int>(words.value("b").value_or(std::to_string(kBatch)));
  if (!batch) return shell.complain("-b argument must be an int value"), kFailed;
  const auto paths = list_subtree(shell, path);
  if (!paths) return shell.failed(paths.error(), path);
  // Without a batch size each znode is deleted by itself, so that the refusal of one leaves the others deleted.
  const std::size_t step = static_cast<std::size_t>(std::max(*batch, 1));
  Progress progress("znodes deleted");
  for (std::size_t left = paths->size(); left > 0;) {
    progress.at(paths->size() - left, paths->size());
    const std::size_t count = std::min(step, left);
    std::vector<client::Operation> operations;
    for (std::size_t i = 0; i < count; ++i) operations.emplace_back(client::op::Remove{(*paths)[--left]});
    if (*batch <= 0) {
      const auto deleted = shell.zk().remove((*paths)[left], client::kAnyVersion);
      if (!deleted) return shell.failed(deleted.error(), (*paths)[left]);
      continue;
    }
    const auto deleted = shell.zk().multi(operations);
    if (deleted) continue;
    shell.complain("Failed to delete some node(s) in the subtree!");
    shell.complain(deleted.error().text);
    return kFailed;
  }
  if (shell.json()) shell.say_json({{"path", path}, {"deleted", paths->size()}});
  return kDone;
}

int run_set(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  std::string data = words.at(2);
  if (words.has("b")) {
    auto decoded = from_base64(data);
    if (!decoded) return shell.complain(decoded.error()), kFailed;
    data = std::move(*decoded);
  }
  const auto version = version_flag(shell, words);
  if (!version) return kFailed;
  const auto stat = shell.zk().set(path, data, *version);
  if (!stat) return shell.failed(stat.error(), path);
  say_stat(shell, words, path, *stat);
  return kDone;
}

int run_set_acl(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const AclList acl = acl_of(shell, words.at(2));
  const auto version = version_flag(shell, words);
  if (!version) return kFailed;
  if (acl.empty()) return refused_acl(shell);
  if (!words.has("R")) {
    const auto stat = shell.zk().set_acl(path, acl, *version);
    if (!stat) return shell.failed(stat.error(), path);
    say_stat(shell, words, path, *stat);
    return kDone;
  }
  int code = kDone;
  const auto walked = walk(shell, path, nullptr, [&](const std::string& each) {
    const auto stat = shell.zk().set_acl(each, acl, *version);
    if (!stat) code = shell.failed(stat.error(), each);
  });
  return walked ? code : shell.failed(walked.error(), path);
}

}  // namespace quoll::apps::shell
