#include "apps/four_letter_query.h"

#include <deque>
#include <fmt/format.h>

#include "os/dialer.h"
#include "os/loop.h"

namespace quoll::apps {

namespace {

constexpr std::size_t kAnswerBytesMax = std::size_t{1} << 20;

class Asked : public env::DialHandler {
 public:
  Asked(env::Dialer& dialer, const WordQuery& query, std::int64_t timeout_ms, std::function<void()> on_end)
      : word_(query.word),
        on_end_(std::move(on_end)),
        connection_(dialer.dial({.host = query.host, .port = query.port, .timeout_ms = timeout_ms}, *this)) {}

  void on_connected() override {
    is_connected_ = true;
    connection_->send(word_);
  }
  void on_data(std::string_view bytes) override {
    answer_.append(bytes.substr(0, kAnswerBytesMax - answer_.size()));
    if (answer_.size() == kAnswerBytesMax) end();
  }
  void on_closed(std::string_view why) override {
    why_ = why;
    end();
  }
  void give_up() {
    if (has_ended_) return;
    why_ = "no answer in time";
    answer_.clear();
    end();
  }

  [[nodiscard]] std::expected<std::string, std::string> result() const {
    if (!answer_.empty()) return answer_;
    return std::unexpected(is_connected_ && why_.contains("closed") ? "it closed the connection without an answer"
                                                                    : why_);
  }

 private:
  void end() {
    if (!std::exchange(has_ended_, true)) on_end_();
  }

  std::string word_;
  std::function<void()> on_end_;
  std::string answer_;
  std::string why_;
  bool is_connected_ = false;
  bool has_ended_ = false;
  std::unique_ptr<env::Connection> connection_;
};

}  // namespace

std::vector<std::expected<std::string, std::string>> ask_words(const std::vector<WordQuery>& queries,
                                                               std::int64_t timeout_ms) {
  os::Loop loop;
  os::TcpDialer dialer(loop);
  std::size_t left = queries.size();
  std::deque<Asked> asked;
  for (const WordQuery& query : queries) {
    asked.emplace_back(dialer, query, timeout_ms, [&] {
      if (--left == 0) loop.stop();
    });
  }
  const auto timer = loop.after(timeout_ms, [&] {
    for (Asked& one : asked) one.give_up();
  });
  if (left > 0) loop.run();
  std::vector<std::expected<std::string, std::string>> results;
  for (const Asked& one : asked) results.push_back(one.result());
  return results;
}

}  // namespace quoll::apps
