// A copy of a znode, of its children, or of a whole subtree, which follows the server and tells what changes, in order.
//
// A persistent watch tells which znode has changed; the cache then reads that znode. Reads are answered in the order in
// which they are made, so that the copy of each znode goes through states that it really had, in their order. Changes
// that follow each other quickly may be told as one, and a znode may be told in the state after the next change, but
// what is told is never older than what was told before.
// - A lost connection: events may be missed. The cache tells `stale`, and keeps its copy. When there is a connection
//   again, it reads everything once more, tells what has changed meanwhile, and then `settled`.
// - The session is over, the limit of znodes is exceeded, or the server knows no persistent watches (before 3.6): the
//   cache tells `ended`, and follows no more; failure() says why.
// - A znode that this client may not read is not in the copy.
// - A connection is lost again before everything was read: the reading begins from the start. Nothing is told twice.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "client/client.h"

namespace quoll::recipes {

enum class CacheScope { node, children, tree };

struct CacheOptions {
  std::string path;  // need not exist
  CacheScope scope = CacheScope::tree;
  std::size_t nodes_max = 100'000;
  std::size_t reads_max = 256;  // under way at once
};

struct CacheChange {
  enum class Kind { created, changed, removed, settled, stale, ended };
  Kind kind = Kind::settled;
  // Of the first three: the znode, and its data; of removed, what was known of it.
  std::string path = {};
  client::NodeData node = {};
};

// It must be destroyed before the client, and not inside its own function.
class Cache {
 public:
  Cache(client::Client& client, const client::World& world, CacheOptions options);
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // `then` is called for each change, after the copy has it. Once.
  void start(std::function<void(const CacheChange&)> then);

  // Everything has been read since the last connection.
  [[nodiscard]] bool is_settled() const { return state_ == State::settled; }
  // The copy, by path. A znode comes before its children.
  [[nodiscard]] const std::map<std::string, client::NodeData>& nodes() const { return nodes_; }
  [[nodiscard]] const client::NodeData* find(const std::string& path) const;
  // Why the cache has ended.
  [[nodiscard]] const std::optional<client::Failure>& failure() const { return failure_; }
  [[nodiscard]] const std::string& path() const { return options_.path; }

 private:
  class Eye;
  enum class State { starting, reading, settled, stale, ended };
  // One step of reading; steps are applied in the order of the list.
  struct Step {
    std::string path;
    bool is_list = false;  // of children
    bool is_walk = false;  // a part of reading everything
    std::optional<client::Result<client::NodeData>> node;
    std::optional<client::Result<client::Children>> list;
  };

  void set_watch();
  void on_watch(client::Result<void> result);
  void walk();
  void on_event(const client::WatchEvent& event);
  void on_state(client::State state);
  void again_later();
  void read(std::string path, bool is_walk);
  void pump();
  void ask(const std::shared_ptr<Step>& step);
  void apply_ready();
  bool apply(Step& step);
  bool refuse(const client::Failure& failure, const std::string& path);
  void apply_node(const std::string& path, client::NodeData node);
  void apply_list(const std::string& path, std::vector<std::string> names);
  void remove_below(const std::string& path, const std::unordered_set<std::string>& kept);
  void remove_tree(const std::string& path, std::int64_t czxid = INT64_MAX);
  void settle();
  void end(client::Failure why);
  void tell(CacheChange::Kind kind, std::string path = {}, client::NodeData node = {});
  [[nodiscard]] bool has_children_in_scope(const std::string& path) const;
  [[nodiscard]] bool is_in_scope(const std::string& path) const;

  client::Client& client_;
  const client::World world_;
  const CacheOptions options_;
  State state_ = State::starting;
  std::function<void(const CacheChange&)> then_;
  std::map<std::string, client::NodeData> nodes_;
  std::deque<std::shared_ptr<Step>> steps_;
  std::unordered_set<std::string> unasked_;  // paths of reads that are not asked yet
  std::size_t asked_ = 0;                    // steps at the front that are asked
  std::size_t walking_ = 0;                  // steps of reading everything
  std::optional<client::Failure> failure_;
  std::unique_ptr<env::Timer> again_;
  std::shared_ptr<Eye> eye_;
  std::shared_ptr<int> round_;  // answers of former rounds find it gone
};

}  // namespace quoll::recipes
