// The whitelist, unknown words, and answers while the server is not serving.
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
  EXPECT_TRUE(s.ask("srvr").starts_with("Zookeeper version: ")) << "zkServer.sh status needs it";
}

TEST(FourLetterWords, an_unknown_word_closes_the_connection) {
  WordWorld s;
  s.serve();
  for (const std::string_view word : {"foob", "RUOK", "lead"}) EXPECT_EQ(s.ask(word), "");
  EXPECT_EQ(s.metric("packets_received"), "1") << "counts mntr only";
}

TEST(FourLetterWords, bytes_after_a_word_are_ignored) {
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("ruok\r\n"), "imok");
}

TEST(FourLetterWords, a_client_that_shuts_down_its_sending_side_gets_the_whole_answer) {
  WordWorld s;
  s.serve();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(s.client().connect());
  for (const std::string_view word : {"ruok", "srvr", "stat", "cons", "dump", "wchs", "wchc", "wchp", "mntr", "envi"}) {
    const std::string answer = s.ask(word);
    EXPECT_EQ(s.ask(word, WordWorld::Then::finishes).size(), answer.size()) << word;
  }
}

TEST(FourLetterWords, a_client_that_disconnects_during_a_long_answer_is_removed) {
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

TEST(FourLetterWords, a_telnet_interrupt_gets_no_answer) {
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("\xff\xf4\xff\xfd"), "");
}

TEST(FourLetterWords, the_trace_mask_is_stored_and_must_arrive_with_its_word) {
  using namespace std::string_literals;
  WordWorld s;
  s.serve();
  EXPECT_EQ(s.ask("gtmk"), "306");
  EXPECT_EQ(s.ask("stmk\0\0\0\0\0\0\0\xff"s), "255");
  EXPECT_EQ(s.ask("gtmk"), "255");
  EXPECT_EQ(s.ask("stmk\0\0\0"s), "");
  EXPECT_EQ(s.ask("stmk\xff\xff\xff\xff\xff\xff\xff\xff"s), "-1");
}

TEST(FourLetterWords, a_server_that_is_not_serving_says_so_but_answers_ruok_and_envi) {
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
