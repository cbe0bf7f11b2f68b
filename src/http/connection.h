// One client of an HTTP port: reads a request, has it answered, sends the answer, and begins again. It works only when
// its port gives it a turn.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "env/env.h"
#include "http/codec.h"

namespace quoll::http {

class Port;

class Connection : public env::ConnectionHandler {
 public:
  Connection(Port& port, std::uint64_t id, std::unique_ptr<env::Connection> transport);

  void on_data(std::string_view bytes) override;
  void on_closed(std::string_view why) override;
  bool on_end_of_input() override;
  void on_drained() override;

  // Parses what has arrived, or produces the next piece of an answer.
  void take_turn();
  [[nodiscard]] std::uint64_t id() const { return id_; }
  // It waits for its client to send a request, to complete one, or to read: since when.
  [[nodiscard]] bool is_waiting() const { return phase_ == Phase::reading || blocked_; }
  [[nodiscard]] bool waits_for_request() const { return phase_ == Phase::reading && intake_ == nullptr; }
  [[nodiscard]] std::int64_t waiting_since_ms() const { return since_ms_; }

 private:
  enum class Phase { reading, answering, closed };

  void read();
  RequestParser::Body on_head(const Request& request);
  // Hands on what has come of the body. False: nothing is to be read now.
  bool feed_intake();
  void answer_request();
  void fail(int status);
  void begin(Answer answer);
  // Collects the next piece of the body.
  Content::Then gather();
  void continue_answer();
  void send_first(bool has_more);
  void send_piece(bool has_more);
  void finish();
  void close();
  [[nodiscard]] const Options& options() const;

  Port& port_;
  const std::uint64_t id_;
  std::unique_ptr<env::Connection> transport_;
  Phase phase_ = Phase::reading;
  std::string input_;  // not parsed yet
  std::unique_ptr<RequestParser> parser_;
  std::unique_ptr<Intake> intake_;  // of the request that is being read
  bool intake_refused_ = false;
  bool intake_waits_ = false;
  std::optional<Answer> answer_;
  std::string piece_;
  bool head_sent_ = false;
  bool body_wanted_ = true;  // not for HEAD
  bool keep_alive_ = false;
  Framing framing_ = Framing::length;
  bool blocked_ = false;  // the client has much to read
  bool waits_ = false;    // for the content, which has nothing yet
  bool input_ended_ = false;
  std::int64_t since_ms_ = 0;
};

}  // namespace quoll::http
