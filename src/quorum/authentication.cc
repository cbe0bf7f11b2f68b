#include "quorum/authentication.h"

#include <fmt/format.h>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "wire/quorum_auth_frames.h"

namespace quoll::quorum {

namespace {

using wire::QuorumAuthPacket;

constexpr std::string_view kNeedsSasl =
    "it does not authenticate with SASL, which quorum.auth.serverRequireSasl demands. Set quorum.auth.enableSasl and "
    "quorum.auth.learnerRequireSasl on that server";

std::string bad_length() {
  return fmt::format("it sent a token of SASL of an impossible length; at most {} bytes are accepted",
                     wire::kQuorumAuthTokenBytesMax);
}

}  // namespace

AuthAcceptor::AuthAcceptor(const Authentication& authentication)
    : authentication_(authentication), server_(authentication.accepts, authentication.nonces) {}

AuthVerdict AuthAcceptor::take(std::string& in, std::string& out) {
  while (!in.empty()) {
    const auto read = wire::read_quorum_auth(in);
    if (!read && read.error() == wire::QuorumAuthError::magic && !has_begun_) return take_silence();
    if (!read) {
      // Where the next packet would begin is not known, so the connection is of no use even if it may be let in.
      wire::append_quorum_auth({QuorumAuthPacket::error, ""}, out);
      why_ =
          read.error() == wire::QuorumAuthError::length ? bad_length() : "it sent something else in the middle of SASL";
      return AuthVerdict::refused;
    }
    if (!*read) return AuthVerdict::pending;
    has_begun_ = true;
    const bool has_token = !(*read)->packet.token.is_null();
    const std::string token = (*read)->packet.token.str();
    in.erase(0, (*read)->bytes);
    if (!has_token) return fail("it sent a null token", out);
    const auto answer = server_.step(token);
    if (!answer) return fail(answer.error().reason, out);
    const auto status = server_.complete() ? QuorumAuthPacket::success : QuorumAuthPacket::in_progress;
    wire::append_quorum_auth({status, *answer}, out);
    if (server_.complete()) return AuthVerdict::passed;
  }
  return AuthVerdict::pending;
}

AuthVerdict AuthAcceptor::take_silence() {
  // One that has begun has shown that it wants to authenticate; half of an exchange proves nothing.
  why_ = has_begun_ ? "it did not finish SASL in time" : std::string(kNeedsSasl);
  if (has_begun_ || authentication_.is_required) return AuthVerdict::refused;
  why_ = "it does not authenticate with SASL";
  return AuthVerdict::passed;
}

AuthVerdict AuthAcceptor::fail(std::string why, std::string& out) {
  wire::append_quorum_auth({QuorumAuthPacket::error, ""}, out);
  why_ = "SASL has failed: " + std::move(why);
  if (!authentication_.is_required) return AuthVerdict::passed;
  why_ +=
      ". Compare the section quorum.auth.learner.saslLoginContext of its JAAS file with the section "
      "quorum.auth.server.saslLoginContext of this server's";
  return AuthVerdict::refused;
}

AuthInitiator::AuthInitiator(const Authentication& authentication, std::string& out)
    : client_(*authentication.connects_as, std::string(kSaslProtocol), std::string(kSaslServerName),
              authentication.nonces) {
  wire::append_quorum_auth({QuorumAuthPacket::in_progress, ""}, out);
}

AuthVerdict AuthInitiator::take(std::string& in, std::string& out) {
  while (!in.empty()) {
    const auto read = wire::read_quorum_auth(in);
    if (!read) {
      return fail(read.error() == wire::QuorumAuthError::length
                      ? bad_length()
                      : "it does not answer SASL. Set quorum.auth.enableSasl on that server first");
    }
    if (!*read) return AuthVerdict::pending;
    const std::int32_t status = (*read)->packet.status;
    const bool has_token = !(*read)->packet.token.is_null();
    const std::string token = (*read)->packet.token.str();
    in.erase(0, (*read)->bytes);
    if (status != QuorumAuthPacket::in_progress && status != QuorumAuthPacket::success) {
      return fail(fmt::format(
          "it refused user \"{}\" or the password. Compare the section quorum.auth.learner.saslLoginContext "
          "of this server's JAAS file with the section quorum.auth.server.saslLoginContext of that server's",
          base::escaped(user(), 64)));
    }
    if (!has_token) return fail("it sent a null token of SASL");
    const auto answer = client_.step(token);
    if (!answer) return fail("SASL has failed: " + answer.error().reason);
    const bool is_over = status == QuorumAuthPacket::success;
    if (is_over != client_.complete())
      return fail(is_over ? "it ended SASL before it had proven who it is" : "it goes on with SASL after the end");
    if (is_over) return AuthVerdict::passed;
    wire::append_quorum_auth({QuorumAuthPacket::in_progress, *answer}, out);
  }
  return AuthVerdict::pending;
}

std::string AuthInitiator::why_ended(std::string_view why) {
  return fmt::format(
      "it ended the connection instead of answering SASL ({}). Set quorum.auth.enableSasl on that server "
      "first",
      why);
}

AuthVerdict AuthInitiator::fail(std::string why) {
  why_ = std::move(why);
  return AuthVerdict::refused;
}

}  // namespace quoll::quorum
