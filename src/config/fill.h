// Converts the given texts to Settings, group by group, and checks that related keys fit together.
#pragma once

#include "config/files.h"
#include "config/settings.h"
#include "config/values.h"

namespace quoll::config {

// `files`: see load.h.
Settings fill(Values& values, const Files& files = {});

// The parts of fill().
Network fill_network(Values& values);
Sessions fill_sessions(Values& values, const Ensemble& ensemble);
Limits fill_limits(Values& values);
RequestThrottle fill_request_throttle(Values& values);
ConnectionThrottle fill_connection_throttle(Values& values);
Storage fill_storage(Values& values);
Purge fill_purge(Values& values);
Znodes fill_znodes(Values& values);
Sasl fill_sasl(Values& values);
Tls fill_tls(Values& values, const Network& network);
// Needs `network` and `tls` because a secure port enables x509 and the scheme that certificates authenticate for.
Auth fill_auth(Values& values, const Network& network, const Tls& tls);
FourLetterWords fill_four_letter_words(Values& values, const Ensemble& ensemble);
Ensemble fill_ensemble(Values& values);
// How servers connect with each other.
void fill_quorum_tls(Values& values, Ensemble& ensemble);
// HTTPS of the admin server.
void fill_admin_tls(Values& values, Admin& admin);
void fill_prometheus_tls(Values& values, Prometheus& prometheus);
// The servers, their groups and weights, and the version of the list.
void fill_members(Values& values, Ensemble& ensemble);
LogOutput fill_log(Values& values);

}  // namespace quoll::config
