// A long answer is sent in one piece if it is short enough, and does not delay other words.
#include <gtest/gtest.h>

#include "admin/test_support.h"

namespace quoll::admin {
namespace {

TEST(LongAnswers, of_ordinary_length_are_sent_in_one_piece) {
  WordWorld w;
  w.serve();
  sim::Client& client = w.connected();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(client.create(fmt::format("/e{}", i), {}, 1), Error::ok);
  ASSERT_TRUE(client.exists("/watched-or-not", false) == std::nullopt);
  client.get("/e1", true);
  for (const char* const word :
       {"stat", "dump", "cons", "wchp", "wchc", "wchs", "srvr", "mntr", "conf", "envi", "ruok"}) {
    const std::int64_t before = w.world.network.server_sends;
    EXPECT_FALSE(w.ask(word).empty());
    EXPECT_EQ(w.world.network.server_sends - before, 1) << word;
  }
}

TEST(LongAnswers, unread_do_not_delay_other_words) {
  WordWorld w;
  w.options.limits.long_answer_bytes = 1000;
  w.world.network.window_bytes = 1000;
  w.serve();
  sim::Client& client = w.connected(60000);
  for (int i = 0; i < 3000; ++i) client.send(OpCode::exists, WatchedReadRequest{fmt::format("/watched{:04}", i), true});
  w.world.run_for(1000);
  for (const char* const word : {"wchp", "wchc", "dump", "cons"}) {
    for (int i = 0; i < 4; ++i) {
      sim::Client& asker = w.client("10.0.0.66");
      asker.keep_raw();
      asker.dial();
      asker.send_raw(word);
      asker.stop_reading();
    }
  }
  w.world.run_for(500);
  for (const char* const word : {"ruok", "srvr", "stat", "mntr", "isro"}) {
    const std::int64_t before_us = w.world.scheduler.now_us();
    EXPECT_FALSE(w.ask(word).empty()) << word;
    EXPECT_LT(w.world.scheduler.now_us() - before_us, 100'000) << word;
  }
}

}  // namespace
}  // namespace quoll::admin
