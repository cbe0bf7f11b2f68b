// Sends what com.sun.security.sasl.digest.DigestMD5Client sends.
#include "sasl/digest_client.h"

#include <fmt/format.h>
#include <utility>

#include "base/base64.h"
#include "base/check.h"
#include "base/constant_time.h"
#include "base/utf8.h"
#include "sasl/digest_response.h"
#include "sasl/directives.h"

namespace quoll::sasl {
namespace {

constexpr std::size_t kCnonceRawBytes = 30;

std::unexpected<Failure> not_accepted(std::string reason) {
  return std::unexpected(Failure{std::move(reason)});
}

std::string_view value_of(const Directives& directives, std::string_view name, std::string_view preset = {}) {
  const auto it = directives.find(name);
  return it == directives.end() ? preset : std::string_view(it->second);
}

// qop-options: a list with commas.
bool offers_auth(std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (one == "auth") return true;
  }
  return false;
}

// Why the challenge cannot be answered; empty: it can.
std::string objection_to_challenge(const Directives& challenge) {
  if (value_of(challenge, "nonce").empty()) return "it has no nonce";
  if (value_of(challenge, "algorithm") != "md5-sess")
    return fmt::format("its algorithm is \"{}\"", base::escaped(value_of(challenge, "algorithm"), 64));
  if (!offers_auth(value_of(challenge, "qop", "auth")))
    return fmt::format("its qop is \"{}\", which has no auth", base::escaped(value_of(challenge, "qop"), 64));
  if (value_of(challenge, "charset", "utf-8") != "utf-8") return "its charset is not utf-8";
  return {};
}

}  // namespace

DigestClient::DigestClient(Login login, std::string protocol, std::string server_name, NonceSource nonces)
    : login_(std::move(login)),
      protocol_(std::move(protocol)),
      server_name_(std::move(server_name)),
      nonces_(std::move(nonces)) {}

std::expected<std::string, Failure> DigestClient::step(std::string_view token) {
  const Stage stage = std::exchange(stage_, Stage::failed);
  if (token.size() > DigestServer::kTokenBytesMax)
    return not_accepted(
        fmt::format("the token is {} bytes long; at most {} are accepted", token.size(), DigestServer::kTokenBytesMax));
  switch (stage) {
    case Stage::start: {
      auto answer = this->answer(token);
      if (answer) stage_ = Stage::answered;
      return answer;
    }
    case Stage::answered: {
      auto checked = check(token);
      if (checked) stage_ = Stage::complete;
      return checked;
    }
    case Stage::complete:
      stage_ = Stage::complete;
      return not_accepted("a token came after the exchange was complete");
    case Stage::failed:
      break;
  }
  return not_accepted("a token came after the exchange had failed");
}

std::expected<std::string, Failure> DigestClient::answer(std::string_view challenge) {
  const auto directives = parse_server_directives(challenge);
  if (!directives) return not_accepted("the challenge is malformed: " + directives.error());
  if (const std::string objection = objection_to_challenge(*directives); !objection.empty())
    return not_accepted("the challenge is not acceptable: " + objection);
  const std::string random = nonces_(kCnonceRawBytes);
  QUOLL_CHECK(random.size() == kCnonceRawBytes, "a nonce source returns as many bytes as requested");
  const std::string cnonce = base::base64(random);
  const std::string uri = protocol_ + "/" + server_name_;
  // Without a realm in the challenge, the name of the server stands for it.
  const std::string realm(value_of(*directives, "realm", server_name_));
  const std::string nonce(value_of(*directives, "nonce"));
  const DigestInputs inputs{.username = login_.username,
                            .realm = realm,
                            .password = login_.password,
                            .nonce = nonce,
                            .cnonce = cnonce,
                            .digest_uri = uri,
                            .authzid = {}};
  expected_ = digest_response(inputs, Side::server);
  return fmt::format(
      "charset=utf-8,username={},realm={},nonce={},nc=00000001,cnonce={},digest-uri={},maxbuf=65536,response={},"
      "qop=auth",
      quoted(login_.username), quoted(realm), quoted(nonce), quoted(cnonce), quoted(uri),
      digest_response(inputs, Side::client));
}

std::expected<std::string, Failure> DigestClient::check(std::string_view proof) const {
  const auto directives = parse_server_directives(proof);
  if (!directives) return not_accepted("the server's proof is malformed: " + directives.error());
  if (!base::equal_in_constant_time(value_of(*directives, "rspauth"), expected_))
    return not_accepted(
        fmt::format("the server does not know the password of user \"{}\"", base::escaped(login_.username, 64)));
  return std::string();
}

}  // namespace quoll::sasl
