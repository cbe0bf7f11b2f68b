#include "tls/context.h"

#include <gtest/gtest.h>

#include "tls/testing.h"

namespace quoll::tls {
namespace {

using testing::client_options;
using testing::MemoryDisk;
using testing::Pair;
using testing::server_options;
using testing::test_file;

std::string error_of(const Options& options) {
  MemoryDisk disk;
  const auto context = Context::create(disk, options, Role::server);
  return context ? "made" : context.error();
}

TEST(Context, errors_name_what_is_missing_or_not_supported) {
  Options options = server_options();
  EXPECT_EQ(error_of(options), "made");
  options.key_store.path.clear();
  EXPECT_TRUE(error_of(options).starts_with("ssl.keyStore.location is not set"));
  options = server_options();
  options.crl = Switch::on;
  EXPECT_TRUE(error_of(options).starts_with("ssl.crl=true is not offered"));
  options = server_options();
  options.ocsp = Switch::on;
  EXPECT_TRUE(error_of(options).starts_with("ssl.ocsp=true is not offered"));
  options = server_options("missing.pem");
  EXPECT_EQ(error_of(options), "missing.pem: cannot be read: no such file");
}

TEST(Context, old_protocols_are_ignored_and_unknown_ones_refused) {
  Options options = server_options();
  options.enabled_protocols = {"TLSv1.3", " TLSv1.2", "TLSv1.1"};
  EXPECT_EQ(error_of(options), "made");
  options.enabled_protocols = {"TLSv1.1"};
  EXPECT_TRUE(error_of(options).starts_with("ssl.enabledProtocols: none of the listed protocols"));
  options.enabled_protocols = {"TLSv1.4"};
  EXPECT_TRUE(error_of(options).contains("\"TLSv1.4\" is not a protocol"));
}

TEST(Context, cipher_suites_may_have_javas_or_openssls_names) {
  Options options = server_options();
  options.cipher_suites = {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", " TLS_AES_128_GCM_SHA256",
                           "ECDHE-RSA-AES256-GCM-SHA384"};
  EXPECT_EQ(error_of(options), "made");
  for (const char* name : {"TLS_ECDHE_RSA_WITH_ROT13", "TLS_AES_129_GCM", "ALL", "HIGH:!MD5", "", "!AES"}) {
    options.cipher_suites = {name};
    EXPECT_TRUE(error_of(options).starts_with("ssl.ciphersuites: ")) << name << ": " << error_of(options);
  }
  options.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
  options.protocol = "TLSv1.2";
  EXPECT_EQ(error_of(options), "ssl.ciphersuites: none of the suites belongs to an enabled protocol");
}

TEST(Context, handshake_timeout_below_one_is_the_default) {
  MemoryDisk disk;
  Options options = server_options();
  options.handshake_timeout_ms = 0;
  EXPECT_EQ(Context::create(disk, options, Role::server).value()->options().handshake_timeout_ms, 5000);
}

TEST(Context, a_reload_affects_new_connections_only) {
  Options options = server_options();
  options.key_store.path = "own.pem";
  MemoryDisk disk;
  disk.put("own.pem", test_file("server.pem"));
  const auto context = Context::create(disk, options, Role::server).value();
  const auto client_side = client_options("client.pem");
  Pair old(server_options(), client_side);
  Engine old_server(*context);
  EXPECT_FALSE(context->changed());

  disk.put("own.pem", test_file("names.pem"));
  EXPECT_TRUE(context->changed());
  ASSERT_TRUE(context->reload());
  EXPECT_FALSE(context->changed());

  const auto subject_shown_by = [&](Engine& server) {
    Engine client(*old.client_context, "localhost");
    client.start();
    while (!client.to_send().empty() || !server.to_send().empty()) {
      Pair::carry(client, server, std::string::npos);
      Pair::carry(server, client, std::string::npos);
    }
    EXPECT_EQ(client.state(), State::open) << client.failure();
    return client.peer().subject;
  };
  Engine new_server(*context);
  EXPECT_EQ(subject_shown_by(old_server), "CN=server,O=Quoll Test");
  EXPECT_TRUE(subject_shown_by(new_server).starts_with("CN=Žižka"));
}

TEST(Context, a_failed_reload_keeps_the_old_keys_until_the_files_change_again) {
  Options options = server_options();
  options.key_store.path = "own.pem";
  MemoryDisk disk;
  disk.put("own.pem", test_file("server.pem"));
  const auto context = Context::create(disk, options, Role::server).value();
  const SSL_CTX* before = context->current();
  disk.put("own.pem", "half a fi");
  EXPECT_TRUE(context->changed());
  EXPECT_FALSE(context->reload());
  EXPECT_EQ(context->current(), before);
  EXPECT_FALSE(context->changed());
  disk.drop("own.pem");
  EXPECT_FALSE(context->changed()) << "a missing file may be about to be replaced";
  disk.put("own.pem", test_file("server.pem"));
  EXPECT_TRUE(context->changed());
  EXPECT_TRUE(context->reload());
}

}  // namespace
}  // namespace quoll::tls
