// Compares random requests with a simple model (a std::map), and applies a history twice.
#include <array>

#include "base/prng.h"
#include "machine/test_support.h"

namespace quoll::machine {
namespace {

struct Plain {
  std::string data;
  std::int32_t version = 0;
  std::int32_t created = 0;
  std::int64_t owner = 0;
};
// Of a new tree.
constexpr std::int32_t kRootCversion = 0;
using Model = std::map<std::string, Plain>;

bool has_children(const Model& model, const std::string& path) {
  const auto next = model.upper_bound(path + "/");
  return next != model.end() && next->first.starts_with(path + "/");
}

Error create(Model& model, const std::string& path, const std::string& data, std::int64_t owner) {
  const std::string parent = path.substr(0, path.rfind('/'));
  if (!model.contains(parent)) return Error::no_node;
  if (model.contains(path)) return Error::node_exists;
  if (model[parent].owner != 0) return Error::no_children_for_ephemerals;
  ++model[parent].created;
  model[path] = Plain{data, 0, 0, owner};
  return Error::ok;
}

Error remove(Model& model, const std::string& path, std::int32_t version) {
  if (!model.contains(path)) return Error::no_node;
  if (version != -1 && version != model[path].version) return Error::bad_version;
  if (has_children(model, path)) return Error::not_empty;
  model.erase(path);
  return Error::ok;
}

Error set(Model& model, const std::string& path, const std::string& data, std::int32_t version) {
  if (!model.contains(path)) return Error::no_node;
  if (version != -1 && version != model[path].version) return Error::bad_version;
  model[path].data = data;
  ++model[path].version;
  return Error::ok;
}

void close(Model& model, std::int64_t session) {
  std::erase_if(model, [&](const auto& entry) { return entry.second.owner == session; });
}

void expect_same(const Model& model, const Machine& m) {
  std::size_t nodes = 0;
  const tree::Tree& tree = m.state.tree;
  for (tree::NodeId id = tree::kRoot; id != tree::kNoNode; id = tree.next_depth_first(id)) ++nodes;
  EXPECT_EQ(nodes, model.size() + 3) << "/zookeeper and its two children";
  for (const auto& [path, plain] : model) {
    ASSERT_TRUE(m.has(path)) << path;
    const tree::Node& node = tree.node(tree.find(path));
    EXPECT_EQ(node.data().view(), plain.data);
    EXPECT_EQ(node.stat.version, plain.version);
    EXPECT_EQ(node.stat.ephemeral_owner, plain.owner);
    // The root's child /zookeeper was not counted as a create.
    EXPECT_EQ(node.stat.cversion, plain.created + (path.empty() ? kRootCversion : 0));
  }
}

// Three open sessions. A closed session's id is not used again.
struct Sessions {
  std::array<std::int64_t, 3> ids{1, 2, 3};
  std::int64_t next = 4;
};

// Performs one random request on the state machine and on the model.
void step(Machine& m, Model& model, Sessions& sessions, base::Prng& chance) {
  static constexpr const char* kNames[] = {"/a", "/b", "/a/a", "/a/b", "/b/a", "/a/a/a", "/a/a/b", "/c"};
  const auto pick = [&] { return std::string(kNames[chance.below(std::size(kNames))]); };
  const std::string path = pick();
  const std::string data(chance.below(5), 'd');
  std::int64_t& session = sessions.ids.at(chance.below(3));
  const auto version = static_cast<std::int32_t>(chance.below(4)) - 1;
  switch (chance.below(8)) {
    case 0:
    case 1:
    case 2: {
      const bool ephemeral = chance.below(4) == 0;
      EXPECT_EQ(m.propose(OpCode::create, CreateRequest{path, data, open_acl(), ephemeral ? 1 : 0}, session),
                create(model, path, data, ephemeral ? session : 0));
      break;
    }
    case 3:
      EXPECT_EQ(m.propose(OpCode::remove, DeleteRequest{path, version}, session), remove(model, path, version));
      break;
    case 4:
    case 5:
      EXPECT_EQ(m.propose(OpCode::set_data, SetDataRequest{path, data, version}, session),
                set(model, path, data, version));
      break;
    case 6: {
      const std::string other = pick();
      Model copy = model;
      bool ok = create(copy, path, data, 0) == Error::ok;
      ok = ok && set(copy, other, "m", version) == Error::ok;
      ok = ok && remove(copy, path, -1) == Error::ok;
      const MultiRequest multi{{{OpCode::create, CreateRequest{path, data, open_acl(), 0}},
                                {OpCode::set_data, SetDataRequest{other, "m", version}},
                                {OpCode::remove, DeleteRequest{path, -1}}}};
      EXPECT_EQ(m.propose(OpCode::multi, multi, session), Error::ok);
      const bool all =
          std::all_of(m.multi_errors.begin(), m.multi_errors.end(), [](Error error) { return error == Error::ok; });
      EXPECT_EQ(all, ok);
      if (ok) model = copy;
      break;
    }
    default:
      if (chance.below(5) == 0) {
        EXPECT_EQ(m.propose(OpCode::close_session, EmptyRequest{}, session), Error::ok);
        close(model, session);
        session = sessions.next++;
      }
  }
}

// Runs half of the seeds with closeSession transactions that list the session's ephemerals, and half without.
Rules rules_of(std::uint64_t seed) {
  Rules rules;
  if (seed % 2 == 1) rules.close_session_txn = Rules::without_paths;
  return rules;
}

TEST(Model, random_requests_match_a_simple_model_with_any_delay_of_applying) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    base::Prng chance(seed);
    Machine m(rules_of(seed));
    Model model{{"", {}}};
    Sessions sessions;
    for (int i = 0; i < 500; ++i) {
      step(m, model, sessions, chance);
      while (!m.pending.empty() && chance.below(3) != 0) m.apply_one();
    }
    m.apply_all();
    expect_same(model, m);
    m.state.tree.check_invariants();
    if (HasFailure()) return;
  }
}

TEST(Replay, applying_the_end_of_a_history_again_changes_nothing) {
  for (std::uint64_t seed = 100; seed < 130; ++seed) {
    SCOPED_TRACE(seed);
    base::Prng chance(seed);
    Machine m(rules_of(seed));
    Model model{{"", {}}};
    Sessions sessions;
    for (int i = 0; i < 300; ++i) step(m, model, sessions, chance);
    m.apply_all();
    const std::int64_t digest = m.state.tree.digest();
    State again(m.rules);
    RecordedEvents silent;
    Applier applier(again, m.rules, silent);
    again.phase = State::replaying;
    const std::size_t from = chance.below(m.history.size());
    for (const std::string& bytes : m.history) applier.apply(sim::txn_of(bytes));
    EXPECT_EQ(again.tree.digest(), digest);
    // Like a fuzzy snapshot that was finished at the end of the history but is named after `from`.
    for (std::size_t i = from; i < m.history.size(); ++i) applier.apply(sim::txn_of(m.history[i]));
    EXPECT_EQ(again.tree.digest(), digest);
    again.tree.check_invariants();
    if (HasFailure()) return;
  }
}

TEST(Replay, creates_and_deletes_of_invalid_paths_in_a_log_are_ignored) {
  Machine m;
  ASSERT_EQ(m.create("/a"), Error::ok);
  const std::int64_t digest = m.state.tree.digest();
  m.state.phase = State::replaying;
  std::int64_t zxid = 100;
  const auto apply = [&](OpCode op, TxnBody body) {
    return m.applier.apply(Txn{TxnHeader{1, 0, ++zxid, 0, static_cast<std::int32_t>(op)}, std::move(body), {}}).err;
  };
  for (const std::string_view path : {"", "/", "//a", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"})
    EXPECT_EQ(apply(OpCode::remove, DeleteTxn{path}), Error::bad_arguments) << path;
  for (const std::string_view path : {"", "/", "//", "//x", "/a/", "a"})
    EXPECT_EQ(apply(OpCode::create, CreateTxn{path, "", open_acl_unsafe(), false, 9}), Error::bad_arguments) << path;
  m.state.tree.check_invariants();
  EXPECT_EQ(m.state.tree.digest(), digest);
}

}  // namespace
}  // namespace quoll::machine
