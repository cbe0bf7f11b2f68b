#include "config/command_line.h"

#include <gtest/gtest.h>

namespace quoll::config {
namespace {

using Words = std::vector<std::string>;

CommandLine parsed(const Words& arguments, const Environment& environment = {}) {
  auto result = parse_command_line(arguments, environment);
  EXPECT_TRUE(result) << (result ? "" : result.error());
  return result ? *result : CommandLine{};
}

std::string fault(const Words& arguments, const Environment& environment = {}) {
  const auto result = parse_command_line(arguments, environment);
  return result ? "none" : result.error();
}

TEST(CommandLine, one_argument_is_a_file) {
  const auto line = parsed({"conf/zoo.cfg"});
  EXPECT_EQ(line.action, Action::serve);
  EXPECT_EQ(std::get<ConfigFile>(line.source).path, "conf/zoo.cfg");
}

TEST(CommandLine, two_to_four_arguments_are_port_folder_tick_and_connections) {
  EXPECT_EQ(std::get<Positional>(parsed({"2181", "/d"}).source), (Positional{"2181", "/d", {}, {}}));
  EXPECT_EQ(std::get<Positional>(parsed({"2181", "/d", "2000", "5"}).source), (Positional{"2181", "/d", "2000", "5"}));
  EXPECT_EQ(fault({"1", "2", "3", "4", "5"}), "5 arguments are too many");
}

TEST(CommandLine, without_arguments_the_scripts_variables_name_the_file) {
  EXPECT_EQ(std::get<ConfigFile>(parsed({}, {{"ZOOCFGDIR", "/etc/zk"}}).source).path, "/etc/zk/zoo.cfg");
  EXPECT_EQ(std::get<ConfigFile>(parsed({}, {{"ZOOCFGDIR", "/etc/zk"}, {"ZOOCFG", "a.cfg"}}).source).path,
            "/etc/zk/a.cfg");
  EXPECT_EQ(std::get<ConfigFile>(parsed({}, {{"ZOOCFG", "a.cfg"}}).source).path, "a.cfg");
  EXPECT_EQ(std::get<ConfigFile>(parsed({}, {{"ZOOCFGDIR", "/etc/zk"}, {"ZOOCFG", "/srv/b.cfg"}}).source).path,
            "/srv/b.cfg");
  EXPECT_EQ(std::get<ConfigFile>(parsed({}, {{"ZOOCFGDIR", "/etc/zk"}, {"ZOOCFG", "$ZOOCFGDIR/zoo.cfg"}}).source).path,
            "/etc/zk/zoo.cfg")
      << "as a service manager reads Debian's file";
  EXPECT_EQ(std::get<ConfigFile>(parsed({}, {}).source).path, "") << "the built-in configuration";
}

TEST(CommandLine, later_sources_of_flags_override_earlier_ones) {
  const auto line = parsed({"-Dc=3", "zoo.cfg", "-Dd"},
                           {{"JVMFLAGS", "-Xmx1g -Db=2"}, {"SERVER_JVMFLAGS", "-XX:+UseG1GC -Da=1 -Xlog:gc"}});
  EXPECT_EQ(line.flags, (Flags{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", ""}}));
  EXPECT_EQ(parsed({}, {{"JVMFLAGS", "-Da=1"}, {"JAVA_OPTS", "-Da=2 -Db=2"}, {"JAVA_TOOL_OPTIONS", "-Da=3"}}).flags,
            (Flags{{"a", "3"}, {"a", "2"}, {"b", "2"}, {"a", "1"}}));
}

TEST(CommandLine, jvm_flags_are_reported_without_possible_secrets) {
  const auto line = parsed({"-Xms1g", "zoo.cfg", "-javaagent:/opt/jmx.jar=7070:/c.yaml"},
                           {{"SERVER_JVMFLAGS", "-Xmx1000m -XX:+UseG1GC -Da=1"}});
  EXPECT_EQ(line.java_flags, (std::vector<JavaFlag>{{"-Xmx1000m", "SERVER_JVMFLAGS"},
                                                    {"-XX:+UseG1GC", "SERVER_JVMFLAGS"},
                                                    {"-Xms1g", "command line"},
                                                    {"-javaagent:/opt/jmx.jar", "command line"}}));
}

TEST(CommandLine, flag_values_may_hold_equals_signs_and_quoted_blanks) {
  const auto line =
      parsed({"zoo.cfg"}, {{"SERVER_JVMFLAGS", "-Da=b=c '-Dx=y z' -Dq=\"1 2\" -XX:OnOutOfMemoryError='kill -9 %p'"}});
  EXPECT_EQ(line.flags, (Flags{{"a", "b=c"}, {"x", "y z"}, {"q", "1 2"}}));
}

TEST(CommandLine, check_help_and_version_are_actions) {
  EXPECT_EQ(parsed({"zoo.cfg", "--check"}).action, Action::check);
  EXPECT_EQ(parsed({"--help"}).action, Action::help);
  EXPECT_EQ(parsed({"--version", "--check"}).action, Action::version);
}

TEST(CommandLine, unknown_options_are_refused) {
  EXPECT_EQ(fault({"--chek", "zoo.cfg"}), "--chek is not a known option");
  EXPECT_EQ(fault({"-D", "zoo.cfg"}), "-D needs a name: -Dname=value");
  EXPECT_EQ(std::get<ConfigFile>(parsed({"--", "-odd.cfg"}).source).path, "-odd.cfg");
}

TEST(CommandLine, broken_quotes_name_the_variable_and_not_its_text) {
  EXPECT_EQ(fault({"zoo.cfg"}, {{"SERVER_JVMFLAGS", "-Dzookeeper.ssl.keyStore.password='hunter2"}}),
            "SERVER_JVMFLAGS contains a quote that is not closed");
}

TEST(CommandLine, words_split_as_in_a_shell) {
  EXPECT_EQ(*split_words("  a\t'b c'\"d\\\"e\" f\\ g '' "), (Words{"a", "b cd\"e", "f g", ""}));
  EXPECT_TRUE(split_words("")->empty());
  EXPECT_FALSE(split_words("\"a"));
}

TEST(CommandLine, help_and_version_are_complete) {
  EXPECT_NE(help_text().find("--check"), std::string::npos);
  EXPECT_EQ(version_text("0.1.0"), "quoll 0.1.0, compatible with Apache ZooKeeper 3.9.5\n");
}

TEST(CommandLine, log_options_take_their_value_either_way) {
  const auto parsed = [](std::vector<std::string> words) { return parse_command_line(words, {}); };
  const auto line = parsed({"--log-format=json", "zoo.cfg", "--log-file", "/var/log/quoll.log"});
  ASSERT_TRUE(line) << line.error();
  EXPECT_EQ(line->log_format, LogFormat::json);
  EXPECT_EQ(line->log_file, "/var/log/quoll.log");
  EXPECT_EQ(std::get<ConfigFile>(line->source).path, "zoo.cfg");
  EXPECT_EQ(parsed({"zoo.cfg"})->log_format, std::nullopt);
  EXPECT_EQ(parsed({"--log-format=xml"}).error(), "--log-format is text, json or log4j, not xml");
  EXPECT_EQ(parsed({"--log-format"}).error(), "--log-format needs a value");
  EXPECT_EQ(parsed({"--log-file="}).error(), "--log-file needs the path of a file");
}

}  // namespace
}  // namespace quoll::config
