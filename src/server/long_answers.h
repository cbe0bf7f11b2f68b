// Sends long answers to four-letter words: a few at a time of each word, in pieces, and not faster than the client
// reads. Different words do not wait for each other.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "env/posted_call.h"
#include "server/connections.h"
#include "server/core.h"
#include "server/long_answer.h"

namespace quoll::server {

// Apache writes a long answer to a four-letter word in pieces of this size and counts each as a packet.
inline constexpr std::int64_t kWordPacketBytes = 8192;

class LongAnswers {
 public:
  LongAnswers(const Core& core, Connections& connections) : core_(core), connections_(connections) {}

  // Sends the answer to `word`, then closes the connection.
  void begin(ClientConnection& to, std::string_view word, std::unique_ptr<LongAnswer> answer);
  // All output of the connection has been sent.
  void on_drained(ConnectionId to);
  void forget(ConnectionId to);
  // Closes connections that do not read their answers.
  void close_overdue();

 private:
  struct Answering {
    ConnectionId to;
    std::string word;
    std::unique_ptr<LongAnswer> answer;
    std::string gathered;  // not sent yet
    std::int64_t bytes = 0;
    std::int64_t blocked_since_ms = 0;
  };
  // The answers to one word.
  struct Line {
    std::deque<Answering> waiting;
    std::size_t started = 0;
  };
  void start_next(Line& line);
  void finish(const std::string& word);
  void continue_later();
  void continue_one();
  // Collects the next piece. False: it was the last one.
  bool gather(Answering& answering) const;

  const Core& core_;
  Connections& connections_;
  std::map<std::string, Line, std::less<>> lines_;
  std::deque<Answering> ready_;
  std::unordered_map<ConnectionId, Answering> blocked_;  // whose clients have much output to read
  env::PostedCall call_;
};

}  // namespace quoll::server
