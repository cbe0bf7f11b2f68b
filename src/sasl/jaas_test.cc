#include "sasl/jaas.h"

#include <gtest/gtest.h>

namespace quoll::sasl {
namespace {

constexpr std::string_view kDigest = "org.apache.zookeeper.server.auth.DigestLoginModule";

std::string error_of(std::string_view text) {
  const auto file = JaasFile::parse(text);
  return file ? "parsed" : file.error();
}

TEST(Jaas, reads_sections_modules_and_users) {
  const auto file = JaasFile::parse(R"(
// the server
Server {
    org.apache.zookeeper.server.auth.DigestLoginModule REQUIRED
    user_super="adminsecret" /* two
    lines */ user_bob = "bobs \"secret\"\\" debug=true;
};
"QuorumServer" { a.B$C optional; d.E-F sufficient x="1" x="2"; };
)");
  ASSERT_TRUE(file) << file.error();
  ASSERT_EQ(file->sections().size(), 2u);
  const Section* server = file->find("Server");
  ASSERT_NE(server, nullptr);
  EXPECT_EQ(server->line, 3);
  EXPECT_EQ(server->modules[0].class_name, kDigest);
  EXPECT_EQ(server->modules[0].control, Control::required);
  EXPECT_EQ(server->modules[0].options.at("debug"), "true");
  EXPECT_EQ(digest_users(*server), (Users{{"super", "adminsecret"}, {"bob", "bobs \"secret\"\\"}}));
  const Section* quorum = file->find("QuorumServer");
  ASSERT_NE(quorum, nullptr);
  ASSERT_EQ(quorum->modules.size(), 2u);
  EXPECT_EQ(quorum->modules[1].options.at("x"), "2");
  EXPECT_EQ(file->find("Client"), nullptr);
}

TEST(Jaas, escapes_in_strings_are_those_of_java) {
  const auto file = JaasFile::parse(R"(S { m required a="\101\t\q" b="\351" c="é"; };)");
  ASSERT_TRUE(file) << file.error();
  const auto& options = file->find("S")->modules[0].options;
  EXPECT_EQ(options.at("a"), "A\tq");
  EXPECT_EQ(options.at("b"), options.at("c"));
}

TEST(Jaas, an_empty_file_has_no_sections) {
  EXPECT_TRUE(JaasFile::parse(" // nothing\n")->sections().empty());
}

TEST(Jaas, errors_name_the_line_and_never_a_value) {
  EXPECT_EQ(error_of("Server {\n m required\n user_a=\"secret\"\n}\n"),
            "line 4: expected the name of an option, or ';' after the last one, found '}'");
  EXPECT_EQ(error_of("Server {\n m required;\n}\n"), "line 4: expected ';', but the file ends");
  EXPECT_EQ(error_of("Server { m needed; };"),
            "line 1: a login module's class must be followed by required, requisite, sufficient or optional");
  EXPECT_EQ(error_of("S { m required user_a \"secret\"; };"), "line 1: expected '=', found a word");
  EXPECT_EQ(error_of("S { m required a=\"secret\n\"; };"), "line 1: a string has no closing quote on its line");
  EXPECT_EQ(error_of("# x\nS { m required; };"), "line 1: comments start with //, not with #");
  EXPECT_EQ(error_of("S { m required a='secret'; };"), "line 1: strings must be in double quotes");
  EXPECT_EQ(error_of("S { m required;\n /* };"), "line 1: a comment that starts with /* is not closed");
  EXPECT_EQ(error_of("S { };"), "line 1: section S has no login module");
  EXPECT_EQ(error_of("S { m required; };\nS { m required; };"), "line 2: section S is defined twice");
  EXPECT_TRUE(error_of("S { m required a=\"${x}\"; };").contains("option a: ${...} is not replaced here"));
}

TEST(Jaas, truncated_text_is_refused) {
  const std::string whole = "Server { m required user_a=\"b\\\"c\" /* d */ e=f; };";
  EXPECT_EQ(error_of(whole), "parsed");
  for (std::size_t length = 1; length < whole.size(); ++length)
    EXPECT_NE(error_of(whole.substr(0, length)), "parsed") << length;
}

TEST(Jaas, kerberos_and_unknown_modules_are_refused_by_name) {
  const auto users = [](std::string_view text) { return digest_users(JaasFile::parse(text)->sections()[0]); };
  EXPECT_EQ(users("Server {\n com.sun.security.auth.module.Krb5LoginModule required; };").error(),
            "line 2: section Server asks for Kerberos (Krb5LoginModule), which is not offered yet");
  EXPECT_TRUE(users("Server { my.Module required; };").error().contains("asks for my.Module"));
  EXPECT_TRUE(users("Server { org.apache.zookeeper.server.auth.DigestLoginModule required; };")->empty());
}

TEST(Jaas, users_of_kafkas_plain_module_are_users_of_digest) {
  const auto file = JaasFile::parse(
      "Server {\n"
      "  org.apache.kafka.common.security.plain.PlainLoginModule required\n"
      "    username=\"admin\" password=\"admin-secret\"\n"
      "    user_admin=\"admin-secret\" user_kafka=\"kafka-secret\";\n};\n");
  ASSERT_TRUE(file) << file.error();
  const auto users = digest_users(*file->find("Server"));
  ASSERT_TRUE(users) << users.error();
  EXPECT_EQ(*users, (Users{{"admin", "admin-secret"}, {"kafka", "kafka-secret"}}));
}

TEST(Jaas, a_clients_section_has_a_name_and_a_password) {
  const auto login = [](const std::string& module) {
    const auto file = JaasFile::parse("QuorumLearner {\n" + module + "; };");
    EXPECT_TRUE(file) << file.error();
    return digest_login(file->sections()[0]);
  };
  const std::string digest = std::string(kDigest) + " required ";
  const auto found = login(digest + "username=\"server\" password=\"secret\" user_x=\"y\"");
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->username, "server");
  EXPECT_EQ(found->password, "secret");
  for (const char* half : {"", "username=\"server\"", "password=\"secret\""}) {
    EXPECT_EQ(login(digest + half).error(),
              "line 1: section QuorumLearner has no username=\"...\" and password=\"...\" in its login module");
  }
  EXPECT_TRUE(login("com.sun.security.auth.module.Krb5LoginModule required").error().contains("asks for Kerberos"));
}

}  // namespace
}  // namespace quoll::sasl
