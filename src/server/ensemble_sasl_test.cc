// Ensembles of production servers with SASL between them.
#include "server/test_ensemble.h"

namespace quoll::server {
namespace {

struct SaslEnsemble : EnsembleWorld {
  SaslEnsemble() : EnsembleWorld(3) {
    alter = [this](int id, EnsembleOptions& options) {
      auto made = std::make_shared<quorum::Authentication>();
      made->accepts.users = {{"server", "secret"}};
      made->is_required = is_required;
      if (connects) made->connects_as = sasl::Login{"server", passwords[id]};
      made->nonces = [next = '\0'](std::size_t bytes) mutable { return std::string(bytes, ++next); };
      options.authentication = is_enabled ? made : nullptr;
    };
  }
  // Restarts one after another with the present settings; each must serve before the next ends.
  void roll() {
    for (const int id : ids()) {
      kill(id);
      ASSERT_TRUE(settle());
      start(id);
      ASSERT_TRUE(settle()) << "with server " << id << " restarted";
    }
  }
  std::map<int, std::string> passwords{{1, "secret"}, {2, "secret"}, {3, "secret"}};
  bool is_enabled = true;
  bool connects = true;
  bool is_required = true;
};

TEST(EnsembleSasl, servers_with_the_password_serve_and_one_with_another_stays_outside_until_it_has_it) {
  SaslEnsemble e;
  e.passwords[3] = "guess";
  e.start_all();
  ASSERT_TRUE(e.simulation.run_until([&] { return e.serves(1) && e.serves(2); }, 20'000));
  EXPECT_EQ(e.connected(e.leader()).create("/a"), Error::ok);
  e.simulation.run_for(60'000);
  EXPECT_FALSE(e.serves(3));
  EXPECT_EQ(e.connected(e.leader()).set("/a", "goes on"), Error::ok);
  e.kill(3);
  e.passwords[3] = "secret";
  e.start(3);
  ASSERT_TRUE(e.settle());
  EXPECT_TRUE(e.agree());
}

TEST(EnsembleSasl, an_ensemble_is_changed_to_sasl_server_by_server_and_back) {
  SaslEnsemble e;
  e.is_enabled = e.connects = e.is_required = false;
  e.start_all();
  ASSERT_TRUE(e.settle());
  for (bool* const step : {&e.is_enabled, &e.connects, &e.is_required}) {
    *step = true;
    e.roll();
  }
  for (bool* const step : {&e.is_required, &e.connects, &e.is_enabled}) {
    *step = false;
    e.roll();
  }
  EXPECT_TRUE(e.agree());
}

}  // namespace
}  // namespace quoll::server
