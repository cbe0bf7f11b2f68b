// The ensemble that this server belongs to, and how it deals with the other servers.
#include "config/fill.h"
#include "config/text.h"

namespace quoll::config {
namespace {

// QuorumPeerConfig.java: each of these switches requires the previous one.
void check_quorum_auth(Values& values) {
  const auto on = [&](std::string_view name) {
    const auto* given = values.find(name);
    return given != nullptr && equal_ignoring_case(given->text, "true");
  };
  constexpr std::string_view kEnabled = "quorum.auth.enableSasl";
  constexpr std::string_view kLearner = "quorum.auth.learnerRequireSasl";
  constexpr std::string_view kServer = "quorum.auth.serverRequireSasl";
  for (const auto needs : {kLearner, kServer}) {
    if (on(needs) && !on(kEnabled)) values.fault(needs, fmt::format("is true, for which {} must be true", kEnabled));
  }
  if (on(kServer) && !on(kLearner)) values.fault(kServer, fmt::format("is true, for which {} must be true", kLearner));
}

QuorumAuth fill_quorum_auth(Values& values) {
  check_quorum_auth(values);
  QuorumAuth auth;
  auth.enabled = values.boolean("quorum.auth.enableSasl");
  auth.learner_required = values.boolean("quorum.auth.learnerRequireSasl");
  auth.server_required = values.boolean("quorum.auth.serverRequireSasl");
  auth.learner_section = values.text("quorum.auth.learner.saslLoginContext");
  auth.server_section = values.text("quorum.auth.server.saslLoginContext");
  return auth;
}

void fill_times(Values& values, Ensemble& ensemble) {
  ensemble.init_ticks = static_cast<std::int32_t>(values.maybe_int("initLimit").value_or(0));
  ensemble.sync_ticks = static_cast<std::int32_t>(values.maybe_int("syncLimit").value_or(0));
  ensemble.votes_resend_min_ms = values.int32("fastleader.minNotificationInterval");
  ensemble.votes_resend_max_ms = values.int32("fastleader.maxNotificationInterval");
  ensemble.connect_timeout_ms = values.int32("cnxTimeout");
  if (ensemble.votes_resend_max_ms < ensemble.votes_resend_min_ms) {
    values.note(Weight::warning, "fastleader.maxNotificationInterval",
                fmt::format("is {}, which is less than fastleader.minNotificationInterval; {} is taken",
                            ensemble.votes_resend_max_ms, ensemble.votes_resend_min_ms));
    ensemble.votes_resend_max_ms = ensemble.votes_resend_min_ms;
  }
}

// Keys that count for a server that runs alone, too, but for something else.
void tell_what_is_missing(Values& values, const Ensemble& ensemble) {
  if (ensemble.runs_alone()) return;
  if (ensemble.reconfig_enabled)
    values.note(Weight::warning, "reconfigEnabled",
                "is not offered by an ensemble yet: the request reconfig is refused. Change the server lines of all "
                "servers and restart them one by one");
  if (ensemble.read_only_mode)
    values.note(Weight::warning, "readonlymode.enabled",
                "is not offered by an ensemble yet: without a quorum a server closes all connections");
}

}  // namespace

Ensemble fill_ensemble(Values& values) {
  Ensemble ensemble;
  ensemble.reconfig_enabled = values.boolean("reconfigEnabled");
  ensemble.read_only_mode = values.boolean("readonlymode.enabled");
  ensemble.standalone_enabled = values.boolean("standaloneEnabled");
  ensemble.listens_on_all_addresses = values.boolean("quorumListenOnAllIPs");
  ensemble.leader_serves = values.boolean("leaderServes");
  (void)values.int32("electionAlg");
  (void)values.text("dynamicConfigFile");
  (void)values.text("peerType");
  (void)values.text("version");
  (void)values.boolean("multiAddress.enabled");
  fill_times(values, ensemble);
  fill_members(values, ensemble);
  ensemble.auth = fill_quorum_auth(values);
  fill_quorum_tls(values, ensemble);
  tell_what_is_missing(values, ensemble);
  return ensemble;
}

}  // namespace quoll::config
