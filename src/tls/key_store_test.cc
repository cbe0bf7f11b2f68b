#include "tls/key_store.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include "tls/distinguished_name.h"
#include "tls/jks.h"
#include "tls/password.h"
#include "tls/testing.h"

namespace quoll::tls {
namespace {

using testing::MemoryDisk;
using testing::store;
using testing::test_file;

std::string subject(const CertificatePtr& certificate) {
  return rfc2253(X509_get_subject_name(certificate.get()));
}

std::string key_store_error(const StoreFile& file) {
  MemoryDisk disk;
  const auto loaded = load_key_store(disk, file);
  return loaded ? "loaded" : loaded.error();
}

std::string trust_store_error(const StoreFile& file) {
  MemoryDisk disk;
  const auto loaded = load_trust_store(disk, file);
  return loaded ? "loaded" : loaded.error();
}

TEST(KeyStore, every_format_yields_the_same_identity) {
  MemoryDisk disk;
  for (const char* name : {"server_encrypted.pem", "chain_first_wrong.pem", "server_openssl.p12", "server_keytool.p12",
                           "server_keytool.jks", "both.jks"}) {
    const auto identity = load_key_store(disk, store(name));
    ASSERT_TRUE(identity) << name << ": " << identity.error();
    EXPECT_EQ(subject(identity->certificate), "CN=server,O=Quoll Test") << name;
    ASSERT_EQ(identity->chain.size(), 1u) << name;
    EXPECT_EQ(subject(identity->chain[0]), "CN=Quoll Test Intermediate") << name;
    EXPECT_EQ(X509_check_private_key(identity->certificate.get(), identity->key.get()), 1) << name;
  }
}

TEST(KeyStore, every_format_yields_the_same_trusted_certificates) {
  MemoryDisk disk;
  for (const char* name : {"ca.pem", "ca_openssl.p12", "ca_keytool.p12", "ca_keytool.jks", "both.jks"}) {
    const auto trusted = load_trust_store(disk, store(name));
    ASSERT_TRUE(trusted) << name << ": " << trusted.error();
    ASSERT_EQ(trusted->size(), 1u) << name;
    EXPECT_EQ(subject(trusted->front()), "CN=Quoll Test CA,O=Quoll Test,C=XX") << name;
  }
}

TEST(KeyStore, old_ciphers_of_pkcs12_are_decrypted) {
  EXPECT_EQ(key_store_error(store("client_legacy.p12")), "loaded");
}

TEST(KeyStore, jks_and_pkcs12_are_distinguished_by_content) {
  EXPECT_EQ(key_store_error(store("server_keytool.jks", StoreType::pkcs12)), "loaded");
  EXPECT_EQ(key_store_error(store("server_keytool.p12", StoreType::jks)), "loaded");
  EXPECT_EQ(key_store_error(store("server.pem", StoreType::jks)),
            "server.pem: it is a PEM file; set the store's type to PEM");
}

TEST(KeyStore, a_wrong_password_is_reported_but_never_printed) {
  for (const char* name : {"server_encrypted.pem", "server_openssl.p12", "server_keytool.p12", "server_keytool.jks",
                           "client_legacy.p12"}) {
    StoreFile file = store(name);
    for (const char* password : {"sesame-open", ""}) {
      file.password = password;
      const std::string error = key_store_error(file);
      EXPECT_TRUE(error.starts_with(std::string(name) + ": ")) << error;
      EXPECT_TRUE(error.contains("assword")) << error;
      EXPECT_FALSE(error.contains("sesame")) << error;
    }
  }
}

TEST(KeyStore, an_unsupported_format_is_reported_with_the_command_that_converts_it) {
  EXPECT_TRUE(key_store_error(store("server.jceks", StoreType::jks)).contains("JCEKS"))
      << key_store_error(store("server.jceks"));
  EXPECT_TRUE(key_store_error(store("x.bcfks")).contains("x.bcfks: cannot be read"));
  MemoryDisk disk;
  disk.put("x.bcfks", "anything");
  EXPECT_TRUE(load_key_store(disk, store("x.bcfks")).error().contains("keytool -importkeystore"));
}

TEST(KeyStore, the_file_name_decides_the_type_unless_it_is_set) {
  EXPECT_TRUE(key_store_error(store("server.keys")).contains("set the store's type"));
  EXPECT_EQ(store_type_from("pkcs12"), StoreType::pkcs12);
  EXPECT_EQ(store_type_from(""), StoreType::by_suffix);
  EXPECT_FALSE(store_type_from("DER"));
}

TEST(KeyStore, a_store_of_the_wrong_kind_is_refused) {
  EXPECT_EQ(key_store_error(store("ca_keytool.jks")), "ca_keytool.jks: it holds no private key; is it a trust store?");
  EXPECT_EQ(key_store_error(store("ca.pem")),
            "ca.pem: it holds no private key; put key and certificates into this one file");
  EXPECT_TRUE(trust_store_error(store("server_keytool.jks")).contains("no trusted certificate"));
  EXPECT_TRUE(trust_store_error(store("server_keytool.p12")).contains("no trusted certificate"));
}

TEST(KeyStore, a_password_file_takes_precedence_and_one_line_end_is_removed) {
  MemoryDisk disk;
  disk.put("secret", "testpass\n");
  StoreFile file = store("server_keytool.jks");
  file.password = "wrong";
  file.password_path = "secret";
  EXPECT_TRUE(load_key_store(disk, file));
  disk.put("secret", "testpass\n\n");
  EXPECT_FALSE(load_key_store(disk, file));
  file.password_path = "nowhere";
  EXPECT_EQ(load_key_store(disk, file).error(), "nowhere: cannot be read: no such file");
}

TEST(KeyStore, files_that_are_too_long_are_refused) {
  MemoryDisk disk;
  disk.put("long.jks", std::string(kStoreBytesMax + 1, '\0'));
  EXPECT_EQ(load_key_store(disk, store("long.jks")).error(),
            "long.jks: it is 16777217 bytes long, and at most 16777216 bytes are accepted; is it the right file?");
  disk.put("secret", std::string(65537, 'x'));
  StoreFile file = store("server_keytool.jks");
  file.password_path = "secret";
  EXPECT_EQ(load_key_store(disk, file).error(),
            "secret: it is 65537 bytes long, and at most 65536 bytes are accepted; is it the right file?");
}

TEST(KeyStore, a_key_without_its_certificate_is_refused) {
  MemoryDisk disk;
  const std::string client = test_file("client.pem");
  disk.put("mixed.pem", client.substr(0, client.find("-----BEGIN CERT")) + test_file("ca.pem"));
  EXPECT_EQ(
      load_key_store(disk, {.path = "mixed.pem", .type = StoreType::by_suffix, .password = {}, .password_path = {}})
          .error(),
      "mixed.pem: none of its 1 certificates belongs to its private key");
}

TEST(KeyStore, truncated_files_are_refused) {
  for (const char* name : {"server_keytool.jks", "server_keytool.p12", "client_legacy.p12"}) {
    const std::string whole = test_file(name);
    // Each attempt derives keys, which is slow by design. Every 7th length still reaches every kind of field.
    for (std::size_t length = 0; length < whole.size(); length += 7) {
      MemoryDisk disk;
      disk.put("cut.jks", whole.substr(0, length));
      EXPECT_FALSE(load_key_store(disk, store("cut.jks"))) << name << " at " << length;
    }
  }
}

TEST(Jks, false_lengths_are_refused) {
  const std::string whole = test_file("server_keytool.jks");
  const std::string body = whole.substr(0, whole.size() - 20);
  // The check sum is recomputed, so that the altered lengths pass it.
  for (std::size_t at = 8; at < 60; ++at) {
    std::string lie = body;
    lie[at] = '\x7f';
    std::string sum(20, '\0');
    const std::string hashed = utf16_of("testpass") + "Mighty Aphrodite" + lie;
    EVP_Digest(hashed.data(), hashed.size(), reinterpret_cast<unsigned char*>(sum.data()), nullptr, EVP_sha1(),
               nullptr);
    const auto parsed = parse_jks(lie + sum, "testpass");
    EXPECT_TRUE(parsed || parsed.error().starts_with("the JKS file is broken")) << parsed.error();
  }
}

TEST(Password, utf16_covers_all_of_unicode) {
  EXPECT_EQ(utf16_of("a"), std::string("\0a", 2));
  EXPECT_EQ(utf16_of("\xc3\xa9"), std::string("\0\xe9", 2));
  EXPECT_EQ(utf16_of("\xf0\x9f\x98\x80"), std::string("\xd8\x3d\xde\x00", 4));
  EXPECT_EQ(utf16_of("\xff"), std::string("\xff\xfd", 2));
}

// The expected values are what java.security.cert.X509Certificate.getSubjectX500Principal().getName() prints for the
// same files.
TEST(DistinguishedName, prints_as_java_does) {
  MemoryDisk disk;
  const auto name_in = [&](const char* file) {
    return subject(
        load_key_store(disk, {.path = file, .type = StoreType::pem, .password = {}, .password_path = {}})->certificate);
  };
  EXPECT_EQ(name_in("client.pem"),
            "1.2.840.113549.1.9.1=#160d63406578616d706c652e6f7267,CN=client one,OU=Tests,O=Quoll\\, "
            "Inc.,L=Town,ST=Some State,C=XX");
  EXPECT_EQ(name_in("names.pem"),
            "CN=Žižka 猫,L=\\ lead and trail\\ ,CN=two+OU=one,O=a\\+b\\=c\\\\d\\\"e\\<f\\>\\#g,2.5.4.12=#0c024472,"
            "STREET=1 Main\\; St,UID=u1,DC=example,DC=org");
}

}  // namespace
}  // namespace quoll::tls
