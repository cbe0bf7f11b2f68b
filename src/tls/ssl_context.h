// Creates OpenSSL's context from the options: protocols, cipher suites, key, trusted certificates and verification
// rules.
#pragma once

#include <expected>
#include <string>

#include "env/disk.h"
#include "tls/openssl.h"
#include "tls/options.h"

namespace quoll::tls {

std::expected<SslContextPtr, std::string> make_ssl_context(env::Disk& disk, const Options& options, Role role);

}  // namespace quoll::tls
