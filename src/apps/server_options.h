// From what an operator has set to what a server is told.
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

// nullptr: no secure port is configured. The error names the key or file that is wrong.
std::expected<std::shared_ptr<tls::Context>, std::string> tls_context(const config::Settings& settings,
                                                                      env::Disk& disk);

// An empty factory: no SASL is configured.
std::expected<server::SaslFactory, std::string> sasl_factory(const config::Settings& settings, env::Disk& disk);

}  // namespace quoll::apps
