// Converts the operator's settings to the server's options.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "config/settings.h"
#include "env/disk.h"
#include "server/request_auth.h"
#include "server/server.h"
#include "tls/context.h"

namespace quoll::apps {

server::Options server_options(const config::Settings& settings);

// nullptr if no secure port is configured. The error names the wrong key or file.
std::expected<std::shared_ptr<tls::Context>, std::string> tls_context(const config::Settings& settings,
                                                                      env::Disk& disk);
// The same for connections between servers: to be accepted, or to be made. nullptr: they are plain.
// Of the admin server; nullptr: it has no HTTPS.
std::expected<std::shared_ptr<tls::Context>, std::string> admin_tls_context(const config::Settings& settings,
                                                                            env::Disk& disk);
// Of the port for Prometheus; nullptr: it has no HTTPS.
std::expected<std::shared_ptr<tls::Context>, std::string> metrics_tls_context(const config::Settings& settings,
                                                                              env::Disk& disk);
std::expected<std::shared_ptr<tls::Context>, std::string> quorum_tls_context(const config::Settings& settings,
                                                                             env::Disk& disk, tls::Role role);

// SASL between servers; nullptr: it is off, or the server runs alone. The error names the wrong file or section.
std::expected<std::shared_ptr<const quorum::Authentication>, std::string> quorum_authentication(
    const config::Settings& settings, env::Disk& disk);

// For clients. An empty factory if SASL is not configured.
std::expected<server::SaslFactory, std::string> sasl_factory(const config::Settings& settings, env::Disk& disk);

}  // namespace quoll::apps
