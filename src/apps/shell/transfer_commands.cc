// Commands that copy subtrees: cp, mv, export, import.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>

#include "apps/shell/handlers.h"
#include "apps/shell/json.h"
#include "apps/shell/progress.h"
#include "apps/shell/subtree.h"
#include "apps/shell/text.h"

namespace quoll::apps::shell {

namespace {

// Of one multi: well below the servers' limit of a megabyte.
constexpr std::size_t kBatchOperations = 500;
constexpr std::size_t kBatchBytes = 512 * 1024;

enum class Existing { refused, overwritten };

client::CreateOptions how_to_create(const Node& node) {
  return {.mode = node.mode, .acl = node.acl, .ttl_ms = node.ttl_ms};
}

// Creates the znodes below `root`, in multis. Each multi happens whole; a refusal leaves those before it.
client::Result<void> write_subtree(Shell& shell, const std::string& root, const std::vector<Node>& nodes,
                                   Existing existing) {
  std::vector<client::Operation> batch;
  std::size_t bytes = 0;
  const auto send = [&]() -> client::Result<void> {
    if (batch.empty()) return {};
    const auto written = shell.zk().multi(batch);
    batch.clear();
    bytes = 0;
    return written ? client::Result<void>() : std::unexpected(written.error());
  };
  Progress progress("znodes written");
  for (const Node& node : nodes) {
    progress.at(static_cast<std::size_t>(&node - nodes.data()), nodes.size());
    const std::string path = join(root, node.below);
    bool exists = path == "/";
    if (existing == Existing::overwritten && !exists) {
      const auto stat = shell.zk().exists(path);
      if (!stat) return std::unexpected(stat.error());
      exists = stat->has_value();
    }
    if (exists) {
      batch.emplace_back(client::op::Set{path, node.data, client::kAnyVersion});
    } else {
      batch.emplace_back(client::op::Create{path, node.data, how_to_create(node)});
    }
    bytes += path.size() + node.data.value_or("").size();
    if (batch.size() < kBatchOperations && bytes < kBatchBytes) continue;
    if (auto sent = send(); !sent) return sent;
  }
  return send();
}

// Servers hide the password of a digest identity from those who lack the permission ADMIN.
bool is_hidden(const Acl& acl) {
  return acl.id.scheme == "digest" && acl.id.id.ends_with(":x");
}

// False, with the reason, if something cannot be copied.
bool can_copy(Shell& shell, const std::string& root, const std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    const std::string path = join(root, node.below);
    if (node.is_ephemeral()) {
      shell.complain(fmt::format("{} is ephemeral: it belongs to a session, and cannot be copied", path));
      return false;
    }
    if (std::ranges::any_of(node.acl, is_hidden)) {
      shell.complain(
          fmt::format("{}: its ACL can be read only with the permission ADMIN; addauth adds an identity", path));
      return false;
    }
  }
  return true;
}

bool is_inside(const std::string& path, const std::string& root) {
  return path == root || root == "/" || path.starts_with(root + "/");
}

// nullopt, with the reason, if they cannot be copied to `to`.
std::optional<std::vector<Node>> nodes_to_copy(Shell& shell, const std::string& from, const std::string& to) {
  auto nodes = read_subtree(shell, from, WithAcl::yes);
  if (!nodes) {
    shell.failed(nodes.error(), from);
    return std::nullopt;
  }
  if (is_inside(to, from)) {
    shell.complain(fmt::format("{} is inside of {}", to, from));
    return std::nullopt;
  }
  if (!can_copy(shell, from, *nodes)) return std::nullopt;
  return std::move(*nodes);
}

AclList acl_of(const boost::json::array& list) {
  AclList acl;
  for (const auto& each : list) {
    std::vector<std::string> complaints;
    const auto& one = each.as_object();
    const std::string text =
        fmt::format("{}:{}:{}", std::string_view(one.at("scheme").as_string()),
                    std::string_view(one.at("id").as_string()), std::string_view(one.at("perms").as_string()));
    for (Acl& parsed : parse_acl(text, complaints)) acl.push_back(std::move(parsed));
  }
  return acl;
}

client::Bytes data_of(const boost::json::value& value) {
  if (value.is_null()) return std::nullopt;
  if (const auto* const text = value.if_string()) return std::string(*text);
  const auto decoded = from_base64(value.as_object().at("base64").as_string());
  if (!decoded) throw std::invalid_argument(decoded.error());
  return *decoded;
}

// What export has written. Throws what Boost.JSON throws if the text has another form.
std::vector<Node> nodes_of(std::string_view text) {
  std::vector<Node> nodes;
  const boost::json::value document = boost::json::parse(boost::json::string_view(text.data(), text.size()));
  for (const auto& each : document.as_object().at("znodes").as_array()) {
    const auto& one = each.as_object();
    Node node;
    node.below = std::string(one.at("below").as_string());
    node.data = data_of(one.at("data"));
    node.acl = acl_of(one.at("acl").as_array());
    if (const auto* const mode = one.if_contains("mode")) {
      node.mode.container = mode->as_string() == "container";
      node.mode.ttl = mode->as_string() == "ttl";
      if (!node.mode.container && !node.mode.ttl) throw std::invalid_argument("a mode is container or ttl");
    }
    if (node.mode.ttl) {
      node.ttl_ms = one.at("ttl_ms").to_number<std::int64_t>();
      if (node.ttl_ms <= 0 || node.ttl_ms > kTtlMsMax) throw std::invalid_argument("a ttl_ms is out of range");
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

std::optional<std::string> read_file(Shell& shell, const std::string& name) {
  if (name == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream in(name, std::ios::binary);
  if (in) return std::string(std::istreambuf_iterator<char>(in), {});
  shell.complain(fmt::format("{} cannot be read", name));
  return std::nullopt;
}

}  // namespace

int run_cp(Shell& shell, const Words& words) {
  const std::string from = words.at(1);
  const std::string to = words.at(2);
  const auto nodes = nodes_to_copy(shell, from, to);
  if (!nodes) return kFailed;
  const auto written = write_subtree(shell, to, *nodes, words.has("f") ? Existing::overwritten : Existing::refused);
  if (!written) return shell.complain(written.error().text), kFailed;
  if (shell.json()) shell.say_json({{"path", to}, {"copied", nodes->size()}});
  return kDone;
}

// In one multi: all of it moves, or nothing.
int run_mv(Shell& shell, const Words& words) {
  const std::string from = words.at(1);
  const std::string to = words.at(2);
  const auto nodes = nodes_to_copy(shell, from, to);
  if (!nodes) return kFailed;
  std::vector<client::Operation> operations;
  std::size_t bytes = 0;
  for (const Node& node : *nodes) {
    operations.emplace_back(client::op::Create{join(to, node.below), node.data, how_to_create(node)});
    bytes += node.data.value_or("").size() + node.below.size() + to.size();
  }
  // A version that has changed since it was read refuses the whole.
  for (auto node = nodes->rbegin(); node != nodes->rend(); ++node)
    operations.emplace_back(client::op::Remove{join(from, node->below), node->stat.version});
  if (bytes > kBatchBytes) {
    shell.complain(fmt::format("{} has {} bytes; mv is one transaction, of at most {}. Use cp, then deleteall", from,
                               bytes, kBatchBytes));
    return kFailed;
  }
  const auto moved = shell.zk().multi(operations);
  if (!moved) return shell.complain(moved.error().text), kFailed;
  if (shell.json()) shell.say_json({{"path", to}, {"moved", nodes->size()}});
  return kDone;
}

int run_export(Shell& shell, const Words& words) {
  const std::string path = words.at(1);
  const auto nodes = read_subtree(shell, path, WithAcl::yes);
  if (!nodes) return shell.failed(nodes.error(), path);
  std::vector<Node> kept = *nodes;
  std::erase_if(kept, [](const Node& node) { return node.is_ephemeral(); });  // they belong to sessions
  if (!can_copy(shell, path, kept)) return kFailed;
  boost::json::array list;
  for (const Node& node : kept) {
    boost::json::object one{{"below", node.below}, {"data", data_json(node.data)}, {"acl", to_json(node.acl)}};
    if (node.mode.container) one["mode"] = "container";
    if (node.mode.ttl) {
      one["mode"] = "ttl";
      one["ttl_ms"] = node.ttl_ms;
    }
    list.push_back(std::move(one));
  }
  const std::string text = boost::json::serialize(boost::json::value{{"path", path}, {"znodes", std::move(list)}});
  if (words.words.size() < 3) return shell.say_line(text), kDone;
  std::ofstream out(words.at(2), std::ios::binary);
  out << text << '\n';
  out.close();
  if (out) return kDone;
  shell.complain(fmt::format("{} cannot be written", words.at(2)));
  return kFailed;
}

int run_import(Shell& shell, const Words& words) {
  const auto text = read_file(shell, words.at(1));
  if (!text) return kFailed;
  std::vector<Node> nodes;
  try {
    nodes = nodes_of(*text);
  } catch (const std::exception& error) {
    shell.complain(fmt::format("{} is not what export writes: {}", words.at(1), error.what()));
    return kFailed;
  }
  const auto written =
      write_subtree(shell, words.at(2), nodes, words.has("f") ? Existing::overwritten : Existing::refused);
  if (!written) return shell.complain(written.error().text), kFailed;
  if (shell.json()) shell.say_json({{"path", words.at(2)}, {"imported", nodes.size()}});
  return kDone;
}

}  // namespace quoll::apps::shell
