// Commands that look at subtrees: tree, find, grep, du, diff, watch.
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <fnmatch.h>
#include <map>

#include "apps/shell/handlers.h"
#include "apps/shell/json.h"
#include "apps/shell/subtree.h"
#include "apps/shell/text.h"
#include "base/utf8.h"
#include "types/path.h"

namespace quoll::apps::shell {

namespace {

std::size_t depth_of(const std::string& below) {
  return static_cast<std::size_t>(std::ranges::count(below, '/'));
}

// The value of a flag that is a number from 0; `otherwise` without it. nullopt: it is none, which has been said.
std::optional<std::int64_t> number_flag(Shell& shell, const Words& words, const std::string& flag,
                                        std::int64_t otherwise) {
  const auto text = words.value(flag);
  if (!text) return otherwise;
  const auto number = number_of<std::int64_t>(*text);
  if (number && *number >= 0) return number;
  shell.complain(fmt::format("-{} must be followed by a number from 0", flag));
  return std::nullopt;
}

std::string tree_line(const std::string& path, const Node& node) {
  std::string line(depth_of(node.below) * 2, ' ');
  line += node.below.empty() ? path : node.below.substr(node.below.rfind('/') + 1);
  if (node.stat.data_length > 0) line += fmt::format("  {} bytes", node.stat.data_length);
  if (node.stat.ephemeral_owner != 0)
    line += fmt::format("  ephemeral of 0x{:x}", static_cast<std::uint64_t>(node.stat.ephemeral_owner));
  return line;
}

}  // namespace

int run_tree(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto depth = number_flag(shell, words, "d", INT64_MAX);
  if (!depth) return kFailed;
  const auto nodes = read_subtree(shell, path, WithAcl::no);
  if (!nodes) return shell.failed(nodes.error(), path);
  for (const Node& node : *nodes) {
    if (depth_of(node.below) > static_cast<std::uint64_t>(*depth)) continue;
    if (shell.json()) {
      shell.say_json({{"path", join(path, node.below)}, {"stat", to_json(node.stat)}});
    } else {
      shell.say_line(tree_line(path, node));
    }
  }
  return kDone;
}

int run_find(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto least = number_flag(shell, words, "min", 0);
  if (!least) return kFailed;
  const auto nodes = read_subtree(shell, path, WithAcl::no);
  if (!nodes) return shell.failed(nodes.error(), path);
  const auto pattern = words.value("name");
  for (const Node& node : *nodes) {
    const std::string each = join(path, node.below);
    if (pattern && ::fnmatch(pattern->c_str(), std::string(path::name(each)).c_str(), 0) != 0) continue;
    if (words.has("ephemeral") && node.stat.ephemeral_owner == 0) continue;
    if (node.stat.data_length < *least) continue;
    if (shell.json()) {
      shell.say_json({{"path", each}, {"stat", to_json(node.stat)}});
    } else {
      shell.say_line(each);
    }
  }
  return kDone;
}

// As grep's, the exit code says whether anything was found.
int run_grep(Shell& shell, const Words& words) {
  const std::string text = words.at(1);
  const std::string path = words.at(2);
  const auto nodes = read_subtree(shell, path, WithAcl::no);
  if (!nodes) return shell.failed(nodes.error(), path);
  bool found = false;
  for (const Node& node : *nodes) {
    std::string_view rest = node.data ? std::string_view(*node.data) : std::string_view();
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      const std::string_view line = rest.substr(0, end);
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
      if (!line.contains(text)) continue;
      found = true;
      if (shell.json()) {
        shell.say_json({{"path", join(path, node.below)}, {"line", base::java_decoded(line)}});
      } else {
        shell.say_line(words.has("l") ? join(path, node.below)
                                      : fmt::format("{}: {}", join(path, node.below), base::java_decoded(line)));
      }
      if (words.has("l")) break;
    }
  }
  return found ? kDone : kFailed;
}

int run_du(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto depth = number_flag(shell, words, "d", 1);
  if (!depth) return kFailed;
  const auto nodes = read_subtree(shell, path, WithAcl::no);
  if (!nodes) return shell.failed(nodes.error(), path);
  struct Sum {
    std::int64_t count = 0;
    std::int64_t bytes = 0;
  };
  std::map<std::string, Sum> sums;
  for (const Node& node : *nodes) {
    // It counts for itself and for everything above it.
    for (std::string at = node.below;; at.resize(at.rfind('/'))) {
      if (depth_of(at) <= static_cast<std::uint64_t>(*depth)) {
        ++sums[at].count;
        sums[at].bytes += node.stat.data_length;
      }
      if (at.empty()) break;
    }
  }
  for (const auto& [below, sum] : sums) {
    if (shell.json()) {
      shell.say_json({{"path", join(path, below)}, {"znodes", sum.count}, {"bytes", sum.bytes}});
    } else {
      shell.say_line(fmt::format("{:>12} bytes {:>9} znodes  {}", sum.bytes, sum.count, join(path, below)));
    }
  }
  return kDone;
}

// As diff's, the exit code is 0 if both are the same.
int run_diff(Shell& shell, const Words& words) {
  const std::string left = words.at(1);
  const std::string right = words.at(2);
  const auto old_nodes = read_subtree(shell, left, WithAcl::yes);
  if (!old_nodes) return shell.failed(old_nodes.error(), left);
  const auto new_nodes = read_subtree(shell, right, WithAcl::yes);
  if (!new_nodes) return shell.failed(new_nodes.error(), right);
  std::map<std::string, std::pair<const Node*, const Node*>> both;
  for (const Node& node : *old_nodes) both[node.below].first = &node;
  for (const Node& node : *new_nodes) both[node.below].second = &node;
  int differences = 0;
  const auto say = [&](std::string_view sign, std::string_view what, const std::string& below) {
    ++differences;
    const std::string shown = below.empty() ? "/" : below;
    if (shell.json()) {
      shell.say_json({{"below", shown}, {"difference", what}});
    } else {
      shell.say_line(fmt::format("{} {}{}{}", sign, shown, sign == "!" ? ": " : "", sign == "!" ? what : ""));
    }
  };
  for (const auto& [below, nodes] : both) {
    if (nodes.first == nullptr) {
      say("+", "only in the second", below);
    } else if (nodes.second == nullptr) {
      say("-", "only in the first", below);
    } else {
      if (nodes.first->data != nodes.second->data) say("!", "data", below);
      if (nodes.first->acl != nodes.second->acl) say("!", "acl", below);
    }
  }
  return differences == 0 ? kDone : kFailed;
}

namespace {

// Passes events from the client's thread.
class Feed : public client::Watcher {
 public:
  void on_event(const client::WatchEvent& event) override { push(event); }
  void on_state(client::State state) override { push(state); }
  using Item = std::variant<client::WatchEvent, client::State>;
  std::optional<Item> next(std::optional<std::chrono::steady_clock::time_point> deadline) {
    std::unique_lock lock(mutex_);
    const auto some = [this] { return !items_.empty(); };
    if (deadline) {
      if (!came_.wait_until(lock, *deadline, some)) return std::nullopt;
    } else {
      came_.wait(lock, some);
    }
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

 private:
  void push(Item item) {
    {
      const std::lock_guard lock(mutex_);
      items_.push_back(std::move(item));
    }
    came_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Item> items_;
};

void say_event(Shell& shell, const client::WatchEvent& event) {
  if (shell.json()) {
    shell.say_json({{"event", type_text(event.type)}, {"path", event.path}, {"zxid", event.zxid}});
  } else {
    shell.say_line(
        fmt::format("{} {} zxid 0x{:x}", type_text(event.type), event.path, static_cast<std::uint64_t>(event.zxid)));
  }
}

}  // namespace

int run_watch(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto count = number_flag(shell, words, "count", INT64_MAX);
  const auto timeout = number_flag(shell, words, "timeout", 0);
  if (!count || !timeout) return kFailed;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  if (*timeout > 0) deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(*timeout);
  const auto feed = std::make_shared<Feed>();
  const auto added = shell.zk().wait<void>([&](client::Client& zk, auto done) {
    zk.add_watch(path, client::AddWatchMode::persistent_recursive, feed, std::move(done));
  });
  if (!added) return shell.failed(added.error(), path);
  for (std::int64_t seen = 0; seen < *count;) {
    std::fflush(stdout);
    const auto item = feed->next(deadline);
    if (!item) return kFailed;
    if (const auto* const event = std::get_if<client::WatchEvent>(&*item)) {
      say_event(shell, *event);
      ++seen;
      continue;
    }
    const client::State state = std::get<client::State>(*item);
    shell.complain(state == client::State::connecting
                       ? "The connection is lost; changes until the next one are not seen"
                       : event_text(state));
    if (client::is_final(state)) return kFailed;
  }
  return kDone;
}

}  // namespace quoll::apps::shell
