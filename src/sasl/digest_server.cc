// Accepts the tokens that com.sun.security.sasl.digest.DigestMD5Server accepts, and the users that
// SaslServerCallbackHandler.java accepts.
#include "sasl/digest_server.h"

#include <fmt/format.h>
#include <utility>

#include "base/base64.h"
#include "base/check.h"
#include "base/constant_time.h"
#include "base/java_int.h"
#include "base/utf8.h"
#include "sasl/digest_response.h"
#include "sasl/directives.h"

namespace quoll::sasl {
namespace {

constexpr std::size_t kNonceRawBytes = 30;  // 40 characters of base64, as in Java

std::unexpected<Failure> failed(std::string reason) {
  return std::unexpected(Failure{std::move(reason)});
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

const std::string* find(const Directives& directives, std::string_view name) {
  const auto it = directives.find(name);
  return it == directives.end() ? nullptr : &it->second;
}

// True if the value is absent, or is a number that Java's Integer.parseInt accepts for this radix (and equals `wanted`,
// if given).
bool is_absent_or_number(const std::string* text, int radix, std::optional<int> wanted = {}) {
  if (text == nullptr) return true;
  const auto number = base::java_int(*text, radix);
  return number && (!wanted || number == wanted);
}

// Why the directives cannot be a valid response, before any password is checked; empty if they can.
std::string refusal_reason(const Directives& directives, const DigestConfig& config, std::string_view nonce) {
  const auto differs = [&](std::string_view name, std::string_view wanted) {
    const std::string* value = find(directives, name);
    return value != nullptr && *value != wanted;
  };
  for (const char* name : {"username", "realm", "nonce", "cnonce", "digest-uri", "response"}) {
    if (find(directives, name) == nullptr) return fmt::format("{} is missing", name);
  }
  if (differs("charset", "utf-8")) return "its charset is not utf-8";
  if (!is_absent_or_number(find(directives, "maxbuf"), 10)) return "its maxbuf is not a number";
  if (differs("realm", config.server_name))
    return fmt::format("its realm is \"{}\"", base::escaped(*find(directives, "realm"), 64));
  if (!base::equal_in_constant_time(*find(directives, "nonce"), nonce)) return "its nonce is not this connection's";
  if (!is_absent_or_number(find(directives, "nonce-count"), 16, 1)) return "its nonce-count is not 1";
  if (differs("qop", "auth"))
    return fmt::format("its qop is \"{}\", and only auth is offered", base::escaped(*find(directives, "qop"), 64));
  if (!equal_ignoring_case(*find(directives, "digest-uri"), config.protocol + "/" + config.server_name)) {
    return fmt::format("its digest-uri is \"{}\"", base::escaped(*find(directives, "digest-uri"), 64));
  }
  return {};
}

}  // namespace

DigestServer::DigestServer(const DigestConfig& config, NonceSource nonces)
    : config_(config), nonces_(std::move(nonces)) {}

std::expected<std::string, Failure> DigestServer::step(std::string_view token) {
  const Stage stage = std::exchange(stage_, Stage::failed);
  if (token.size() > kTokenBytesMax) {
    // As in Java, an oversized token does not end the exchange.
    stage_ = stage;
    return failed(fmt::format("the token is {} bytes long; at most {} are accepted", token.size(), kTokenBytesMax));
  }
  switch (stage) {
    case Stage::start:
      stage_ = Stage::challenged;
      return challenge();
    case Stage::challenged: {
      auto answer = verify(token);
      if (answer) stage_ = Stage::complete;
      return answer;
    }
    case Stage::complete:
      stage_ = Stage::complete;
      return failed("a token came after the exchange was complete");
    case Stage::failed:
      break;
  }
  return failed("a token came after the exchange had failed");
}

std::string DigestServer::challenge() {
  const std::string random = nonces_(kNonceRawBytes);
  QUOLL_CHECK(random.size() == kNonceRawBytes, "a nonce source returns as many bytes as requested");
  nonce_ = base::base64(random);
  return fmt::format("realm=\"{}\",nonce=\"{}\",charset=utf-8,algorithm=md5-sess", config_.server_name, nonce_);
}

std::expected<std::string, Failure> DigestServer::verify(std::string_view token) {
  const auto directives = parse_directives(token);
  if (!directives) return failed("the token is malformed: " + directives.error());
  if (std::string reason = refusal_reason(*directives, config_, nonce_); !reason.empty())
    return failed("the token is not acceptable: " + reason);

  const std::string& username = *find(*directives, "username");
  const auto user = config_.users.find(username);
  const bool known = user != config_.users.end();
  // An unknown user takes the same path as a wrong password, so that the time does not tell them apart.
  std::string_view password = known ? std::string_view(user->second) : std::string_view(nonce_);
  if (known && username == "super" && config_.super_password) password = *config_.super_password;

  DigestInputs inputs{.username = username,
                      .realm = *find(*directives, "realm"),
                      .password = password,
                      .nonce = nonce_,
                      .cnonce = *find(*directives, "cnonce"),
                      .digest_uri = *find(*directives, "digest-uri"),
                      .authzid = {}};
  if (const std::string* authzid = find(*directives, "authzid")) inputs.authzid = *authzid;
  const bool proven =
      base::equal_in_constant_time(*find(*directives, "response"), digest_response(inputs, Side::client));
  if (!known)
    return failed(fmt::format("user \"{}\" is not among the users of the JAAS section", base::escaped(username, 64)));
  if (!proven) return failed(fmt::format("wrong password for user \"{}\"", base::escaped(username, 64)));
  authorization_id_ = username;
  return "rspauth=" + digest_response(inputs, Side::server);
}

}  // namespace quoll::sasl
