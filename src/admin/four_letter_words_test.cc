// Who may ask which word, and what is said when there is nothing to say.
#include "admin/test_support.h"

namespace quoll::admin {
namespace {

constexpr std::string_view kNotServing = "This ZooKeeper instance is not currently serving requests";

TEST(FourLetterWords, a_word_outside_the_whitelist_is_refused_by_name) {
  WordWorld s(Whitelist{});
  s.serve();
  EXPECT_EQ(s.ask("ruok"), "ruok is not executed because it is not in the whitelist.\n");
  EXPECT_EQ(s.ask("gtmk"), "gtmk is not executed because it is not in the whitelist.\n");
  EXPECT_EQ(s.ask("\xff\xf4\xff\xfd"), "telnet close is not executed because it is not in the whitelist.\n");
  EXPECT_TRUE(s.ask("srvr").starts_with("Zookeeper version: ")) << "zkServer.sh status lives on it";
}

TEST(FourLetterWords, four_bytes_that_are_no_word_close_the_connection) {
  WordWorld s;
  s.serve();
  for (const std::string_view word : {"foob", "RUOK", "lead"}) EXPECT_EQ(s.ask(word), "");
  EXPECT_EQ(s.metric("packets_received"), "1") << "only mntr itself";
}

TEST(FourLetterWords, what_comes_behind_a_word_is_ignored) {
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("ruok\r\n"), "imok");
}

TEST(FourLetterWords, who_ends_its_side_behind_the_word_hears_the_whole_answer) {
  WordWorld s;
  s.serve();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(s.client().connect());
  for (const std::string_view word : {"ruok", "srvr", "stat", "cons", "dump", "wchs", "wchc", "wchp", "mntr", "envi"}) {
    const std::string answer = s.ask(word);
    EXPECT_EQ(s.ask(word, WordWorld::Then::finishes).size(), answer.size()) << word;
  }
}

TEST(FourLetterWords, who_hangs_up_while_the_answer_is_told_is_forgotten) {
  WordWorld s;
  s.serve();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(s.client().connect());
  sim::Client& asker = s.client("10.0.0.9");
  asker.dial();
  asker.send_raw("cons");
  asker.finish();
  s.world.run_for(1);
  asker.drop();
  s.world.run_for(1000);
  EXPECT_EQ(s.metric("num_alive_connections"), "51");
}

TEST(FourLetterWords, telnet_giving_up_is_no_answer) {
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("\xff\xf4\xff\xfd"), "");
}

TEST(FourLetterWords, the_trace_mask_is_kept_and_must_come_with_its_word) {
  using namespace std::string_literals;
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("gtmk"), "306");
  EXPECT_EQ(s.ask("stmk\0\0\0\0\0\0\0\xff"s), "255");
  EXPECT_EQ(s.ask("gtmk"), "255");
  EXPECT_EQ(s.ask("stmk\0\0\0"s), "");
  EXPECT_EQ(s.ask("stmk\xff\xff\xff\xff\xff\xff\xff\xff"s), "-1");
}

TEST(FourLetterWords, a_server_that_does_not_serve_says_so_but_lives) {
  WordWorld s;
  s.serve();
  s.server->stop();
  const env::Address nobody{"10.0.0.9", 1};
  const auto said = [&](std::string_view word) { return s.words->answer(word, {}, nobody); };
  for (const std::string_view word :
       {"conf", "cons", "crst", "dirs", "dump", "mntr", "srst", "srvr", "stat", "wchc", "wchp", "wchs"}) {
    EXPECT_EQ(said(word), fmt::format("{}\n", kNotServing)) << word;
  }
  EXPECT_EQ(said("hash"), kNotServing);
  EXPECT_EQ(said("isro"), "null");
  EXPECT_EQ(said("ruok"), "imok");
  EXPECT_TRUE(said("envi").starts_with("Environment:\n"));
}

}  // namespace
}  // namespace quoll::admin
