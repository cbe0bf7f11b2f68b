#include "fuzz/served.h"

#include "base/check.h"

namespace quoll::fuzz {

namespace {

class Exchange : public server::SaslExchange {
 public:
  explicit Exchange(const sasl::DigestConfig& config)
      : server_(config, [](std::size_t bytes) { return std::string(bytes, 'n'); }) {}
  std::expected<std::optional<std::string>, std::string> step(std::string_view token) override {
    auto answer = server_.step(token);
    if (!answer) return std::unexpected(answer.error().reason);
    return std::move(*answer);
  }
  [[nodiscard]] bool is_complete() const override { return server_.complete(); }
  [[nodiscard]] std::string authorization_id() const override { return server_.authorization_id(); }

 private:
  sasl::DigestServer server_;
};

}  // namespace

Served::Served(std::uint64_t seed) : world(seed) {
  world.log.least = env::Level::error;
  options.client_ports = {{.host = "", .port = kPort}};
  options.store.data_dir = options.store.data_log_dir = "/data";
  options.store.pre_alloc_kb = 1;
  options.rules.owner_rules.extended = true;
  options.rules.quotas = machine::Rules::hard;
  options.rules.reconfig = machine::Rules::enabled;
  options.auth.sasl_enabled = options.auth.ensemble_enabled = options.auth.key_enabled = true;
  options.limits.client_connections_max = 0;
  facts.version = "3.9.5";
  facts.snapshot_dir = facts.log_dir = "/data/version-2";
  facts.snapshot_dir_bytes = facts.log_dir_bytes = [] { return 0; };
  facts.port_roles = {admin::PortRole::plain};
  facts.environment = [] { return admin::Facts::Environment{{"host.name", "here"}}; };
  facts.open_files = facts.open_files_max = [] { return 1; };
  sasl_.users = {{"bob", "secret"}, {"super", "power"}};
}

bool Served::start() {
  failed = false;
  server = std::make_unique<server::Server>(world.env(), options,
                                            [this](server::ExitCode, std::string_view) { failed = true; });
  server->set_sasl([this] { return std::make_unique<Exchange>(sasl_); });
  words.emplace(*server, facts, admin::Whitelist{.all = true, .words = {}});
  server->set_word_responder(*words);
  if (!server->start()) {
    stop();
    return false;
  }
  world.run_until([&] { return failed || server->is_serving(); }, 60'000);
  return !failed;
}

void Served::stop() {
  if (server == nullptr) return;
  server->stop();
  words.reset();
  server.reset();
  world.run_for(50);  // lets late events of the old process pass
}

void Served::check_restart(Began began) {
  const std::int64_t digest = server->core().state.tree.digest();
  const Zxid last = server->core().state.last_processed;
  stop();
  QUOLL_CHECK(start(), "a server that has started can start again");
  const machine::State& state = server->core().state;
  QUOLL_CHECK(state.last_processed >= last, "no transaction is lost");
  const bool is_same = began == Began::possible && state.last_processed == last;
  if (is_same) QUOLL_CHECK(state.tree.digest() == digest, "the tree is the same");
}

void Served::check_well() {
  server->core().state.tree.check_invariants();
  sim::Client client(world, kPort, "10.0.0.7");
  QUOLL_CHECK(client.connect(), "a correct client can connect");
  const std::string path = fmt::format("/well-{}", ++made_);
  const Error made = client.create(path, "data", 1);
  // Quotas and ACLs of the root may forbid it, but there must be an answer.
  QUOLL_CHECK(made != Error::connection_loss && made != Error::marshalling_error, "a correct create is answered");
  if (made == Error::ok) QUOLL_CHECK(client.get(path) == "data", "the created data can be read");
  client.drop();
}

}  // namespace quoll::fuzz
