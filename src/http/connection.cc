#include "http/connection.h"

#include "http/port.h"

namespace quoll::http {

Connection::Connection(Port& port, std::uint64_t id, std::unique_ptr<env::Connection> transport)
    : port_(port), id_(id), transport_(std::move(transport)), since_ms_(port.env().clock.elapsed_ms()) {
  transport_->attach(*this);
}

const Options& Connection::options() const {
  return port_.options();
}

void Connection::on_data(std::string_view bytes) {
  if (phase_ == Phase::closed) return;
  input_ += bytes;
  // What follows a request waits in the socket until that is answered.
  transport_->pause_reading();
  port_.give_turn(*this);
}

void Connection::on_closed(std::string_view) {
  phase_ = Phase::closed;
  port_.remove(*this);
}

bool Connection::on_end_of_input() {
  input_ended_ = true;
  if (phase_ == Phase::answering || !input_.empty()) return true;
  phase_ = Phase::closed;
  port_.remove(*this);
  return false;
}

void Connection::on_drained() {
  if (!blocked_) return;
  blocked_ = false;
  port_.give_turn(*this);
}

void Connection::take_turn() {
  if (phase_ == Phase::reading) {
    read();
  } else if (phase_ == Phase::answering && !blocked_) {
    waits_ = false;
    continue_answer();
  }
}

void Connection::read() {
  if (parser_ == nullptr) {
    if (input_.empty()) return input_ended_ ? close() : transport_->resume_reading();
    parser_ = std::make_unique<RequestParser>(options(), [this](const Request& request) { return on_head(request); });
    since_ms_ = port_.env().clock.elapsed_ms();
  }
  input_.erase(0, parser_->put(input_));
  if (intake_ != nullptr && !feed_intake()) return;
  if (parser_->take_expect_continue() && parser_->state() == RequestParser::State::body)
    transport_->send("HTTP/1.1 100 Continue\r\n\r\n");
  switch (parser_->state()) {
    case RequestParser::State::failed:
      return fail(parser_->failure_status());
    case RequestParser::State::complete:
      return answer_request();
    default:
      if (input_.size() > options().head_bytes_max) return fail(431);
      return input_ended_ ? close() : transport_->resume_reading();
  }
}

RequestParser::Body Connection::on_head(const Request& parsed) {
  Request request = parsed;
  request.peer = transport_->peer();
  intake_refused_ = intake_waits_ = false;
  intake_ = port_.handler().intake(request);
  if (intake_ == nullptr) return RequestParser::Body::discarded;
  intake_->on_wait([this] {
    if (!std::exchange(intake_waits_, false)) return;
    since_ms_ = port_.env().clock.elapsed_ms();
    port_.give_turn(*this);
  });
  return RequestParser::Body::wanted;
}

// A client that waits for permission to send a body that is refused gets the answer in place of the permission. Others
// send all of it before they look for an answer, so it is read in the time that any request has.
bool Connection::feed_intake() {
  const std::string bytes = parser_->take_body();
  if (intake_refused_) return true;
  const bool is_good =
      parser_->state() == RequestParser::State::body || parser_->state() == RequestParser::State::complete;
  const Intake::Then then = is_good ? intake_->take(bytes) : Intake::Then::more;
  if (then == Intake::Then::refused) {
    intake_refused_ = true;
    if (parser_->state() != RequestParser::State::body || !parser_->take_expect_continue()) return true;
    keep_alive_ = false;
    body_wanted_ = true;
    begin(intake_->finish());
    return false;
  }
  since_ms_ = port_.env().clock.elapsed_ms();
  intake_waits_ = then == Intake::Then::waits && parser_->state() == RequestParser::State::body;
  return !intake_waits_;
}

void Connection::answer_request() {
  Request request = parser_->request();
  request.peer = transport_->peer();
  keep_alive_ = parser_->keep_alive() && !input_ended_;
  body_wanted_ = request.method != Request::Method::head;
  begin(intake_ != nullptr ? intake_->finish() : port_.handler().answer(request));
}

void Connection::fail(int status) {
  intake_.reset();
  keep_alive_ = false;
  body_wanted_ = true;
  input_.clear();
  begin({.status = status});
}

void Connection::begin(Answer answer) {
  phase_ = Phase::answering;
  answer_ = std::move(answer);
  head_sent_ = false;
  waits_ = false;
  if (answer_->content == nullptr) {
    piece_ = std::move(answer_->text);
  } else {
    answer_->content->on_wait([this] {
      if (std::exchange(waits_, false)) port_.give_turn(*this);
    });
  }
  continue_answer();
}

Content::Then Connection::gather() {
  if (answer_->content == nullptr) return Content::Then::done;
  const std::int64_t began_us = port_.env().clock.elapsed_us();
  while (true) {
    const Content::Then then = answer_->content->append_more(piece_);
    if (then != Content::Then::more) return then;
    if (piece_.size() >= options().piece_bytes) return then;
    if (port_.env().clock.elapsed_us() - began_us >= options().work_us) return then;
  }
}

void Connection::send_first(bool has_more) {
  const bool is_old = parser_ != nullptr && parser_->is_http_1_0();
  if (answer_->content != nullptr) answer_->content->complete_head(*answer_);
  const bool has_length = !has_more || answer_->length;
  framing_ = has_length ? Framing::length : is_old ? Framing::until_close : Framing::chunked;
  keep_alive_ = keep_alive_ && framing_ != Framing::until_close;
  std::string out = encode({.answer = *answer_,
                            .framing = framing_,
                            .length = answer_->length.value_or(piece_.size()),
                            .keep_alive = keep_alive_,
                            .http_1_0 = is_old,
                            .wall_ms = port_.env().clock.wall_ms()});
  head_sent_ = true;
  if (framing_ == Framing::length && body_wanted_) out += std::exchange(piece_, {});
  transport_->send_owned(std::move(out));
}

void Connection::send_piece(bool has_more) {
  std::string out;
  if (framing_ == Framing::chunked) {
    append_chunk(piece_, out);
    if (!has_more) append_last_chunk(out);
  } else {
    out = std::move(piece_);
  }
  if (!out.empty()) transport_->send_owned(std::move(out));
}

void Connection::continue_answer() {
  const Content::Then then = gather();
  const bool has_more = then == Content::Then::more || then == Content::Then::waits;
  waits_ = then == Content::Then::waits;
  if (waits_ && piece_.empty()) return;
  // A short answer has a length, as most clients expect it.
  if (has_more && !head_sent_ && piece_.size() < options().piece_bytes) {
    if (!waits_) port_.give_turn(*this);
    return;
  }
  if (then == Content::Then::broken) return close();
  if (!head_sent_) send_first(has_more);
  if (body_wanted_) send_piece(has_more);
  piece_.clear();
  if (!has_more || !body_wanted_) return finish();
  if (transport_->queued_bytes() > options().unread_bytes_max) {
    blocked_ = true;
    since_ms_ = port_.env().clock.elapsed_ms();
    return;
  }
  if (!waits_) port_.give_turn(*this);
}

void Connection::finish() {
  answer_.reset();
  parser_.reset();
  intake_.reset();
  if (phase_ == Phase::closed) return;
  if (!keep_alive_ || input_ended_) return close();
  phase_ = Phase::reading;
  since_ms_ = port_.env().clock.elapsed_ms();
  piece_.shrink_to_fit();
  input_.shrink_to_fit();
  port_.give_turn(*this);
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  transport_->close_after_sending();
  port_.remove(*this);
}

}  // namespace quoll::http
